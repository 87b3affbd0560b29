/** 99th percentile of the standard normal distribution. */
export const Z99 = 2.3263478740408408;

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/**
 * Natural logarithm of the gamma function, for arguments of 0.5 and more; relative error below 1e-13.
 * @see C. Lanczos, A Precision Approximation of the Gamma Function, SIAM J. Numer. Anal. 1 (1964), g = 7, n = 9
 */
export function logGamma(x: number): number {
  const shifted = x - 1;
  let sum: number = LANCZOS[0];
  for (let index = 1; index < LANCZOS.length; index += 1) sum += (LANCZOS[index] ?? 0) / (shifted + index);
  const base = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

const P0 = [
  1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2,
  -5.77027029648944159157e-3, -2.37630166566501626084e-5,
];
const Q0 = [
  1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3,
  1.32494738004321644526e-4, -3.9602282787753681232e-6,
];
const ERX = 8.45062911510467529297e-1;
const P1 = [
  -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1,
  3.18346619901161753674e-1, -1.10894694282396677476e-1, 3.54783043256182359371e-2, -2.166375594868790843e-3,
];
const Q1 = [
  1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2,
  1.26171219808761642112e-1, 1.36370839120290507362e-2, 1.1984499846799107417e-2,
];
const P2 = [
  -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1,
  -6.23753324503260060396e1, -1.62396669462573470355e2, -1.84605092906711035994e2, -8.12874355063065934246e1,
  -9.81432934416914548592,
];
const Q2 = [
  1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2,
  4.29008140027567833386e2, 1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
];
const P3 = [
  -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1,
  -1.60636384855821916062e2, -6.37566443368389627722e2, -1.02509513161107724954e3, -4.83519191608651397019e2,
];
const Q3 = [
  1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3,
  2.55305040643316442583e3, 4.74528541206955367215e2, -2.24409524465858183362e1,
];

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let index = coefficients.length - 1; index >= 0; index -= 1) {
    value = value * x + (coefficients[index] ?? 0);
  }
  return value;
}

/**
 * Complementary error function; relative error below 1e-14 up to 26.
 * @see s_erf.c of FreeBSD's msun, by Sun Microsystems (the coefficients are theirs)
 */
export function erfc(x: number): number {
  const size = Math.abs(x);
  let value: number;
  if (size < 0.84375) {
    const square = size * size;
    value = 1 - size - size * (polynomial(P0, square) / polynomial(Q0, square));
  } else if (size < 1.25) {
    value = 1 - ERX - polynomial(P1, size - 1) / polynomial(Q1, size - 1);
  } else if (size < 28) {
    const inverse = 1 / (size * size);
    const ratio =
      size < 1 / 0.35
        ? polynomial(P2, inverse) / polynomial(Q2, inverse)
        : polynomial(P3, inverse) / polynomial(Q3, inverse);
    value = Math.exp(-size * size - 0.5625 + ratio) / size;
  } else {
    value = 0;
  }
  return x < 0 ? 2 - value : value;
}

/** Distribution function of the standard normal distribution. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}
