#!/usr/bin/env node
import "../dist/figures/main.js";
