// The last item of a list. `Array.at` cannot say so: the AssemblyScript compiler's global types, which the build script
// pulls in, declare it as never undefined.
export function lastOf<T>(items: readonly T[]): T | undefined {
  return items[items.length - 1];
}
