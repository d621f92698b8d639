#!/usr/bin/env node
import "../dist/figures/defences-main.js";
