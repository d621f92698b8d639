import fc from "fast-check";

// What tests draw is the same in every run, so that a red run means a changed program: RECON_TEST_SEED says otherwise, and `new` draws anew.
const told = process.env.RECON_TEST_SEED ?? "1";
const seed = told === "new" ? Date.now() % 2 ** 31 : Number(told);
if (!Number.isInteger(seed)) throw new Error(`RECON_TEST_SEED is "${told}": give a whole number, or new.`);
process.env.RECON_TEST_SEED = String(seed);
fc.configureGlobal({ seed });
