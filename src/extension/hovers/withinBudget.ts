// A hover that is not ready in time is no hover: the next one finds what was read meanwhile.
const budgetMs = 50;

/** The value, or null when it takes longer than 50 ms or fails. */
export async function withinBudget<Value>(value: Promise<Value>): Promise<Value | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
    }, budgetMs);
  });
  try {
    return await Promise.race([value.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
