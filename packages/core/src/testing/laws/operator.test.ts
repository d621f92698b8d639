import { gradient } from "../../operators/gradient.ts";
import { expectCaught } from "../mutants/expect-caught.ts";
import { meanInput, operatorMutants } from "../mutants/operator.ts";
import { testOperator } from "../test-operator.ts";
import { operatorLaws } from "./operator.ts";

testOperator(() => gradient(), { reduction: "mean" });
testOperator(() => gradient({ mode: "eval" }), { reduction: "mean" });
testOperator(meanInput, { reduction: "mean", linear: true });

// "linear" is on for all mutants, which the law reads only for those it is about.
expectCaught(operatorLaws, operatorMutants, { reduction: "mean", linear: true });
