export { type CholeskyOptions, cholesky, choleskySolve, smallestEigenvalue } from "./cholesky.ts";
export { type LeastSquares, leastSquares } from "./least-squares.ts";
export {
  appendColumn,
  block,
  identityMatrix,
  type Matrix,
  matrix,
  matrixOf,
  transposed,
} from "./matrix.ts";
export {
  type ExecutorProduct,
  executorProduct,
  type MatrixProduct,
  multiply,
  type ProductOptions,
  plainProduct,
} from "./multiply.ts";
export { type QrFactors, qr } from "./qr.ts";
export { singularValues } from "./singular-values.ts";
export { type SingularValues, svd, topSingular } from "./svd.ts";
