// The two-sided 95 % quantile of Student's t distribution: how many standard errors either way an interval goes.

/** t₀.₉₇₅ for 1 … 30 degrees of freedom. */
const upTo30 = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604,
  2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555,
  2.0518, 2.0484, 2.0452, 2.0423,
];

/** t₀.₉₇₅; beyond 30 degrees of freedom by its expansion about the normal one (Abramowitz & Stegun 26.7.5), to 1e-4. */
export function studentT95(degreesOfFreedom: number): number {
  const listed = upTo30[degreesOfFreedom - 1];
  if (listed !== undefined) return listed;
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * degreesOfFreedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degreesOfFreedom ** 2)
  );
}
