// `$((…))` over whole numbers: + - * / %, brackets, and names that are numbers. Null for anything else.

export function arithmetic(text: string, numberOf: (name: string) => number | null): number | null {
  const tokens = text.match(/\$?\{?[A-Za-z_]\w*\}?|\d+|[-+*/%()]|\S/g) ?? [];
  if (tokens.length > 200) return null;
  let at = 0;

  const atom = (): number | null => {
    const token = tokens[at];
    at += 1;
    if (token === undefined) return null;
    if (token === '(') {
      const inside = sum();
      const closed = tokens[at] === ')';
      at += 1;
      return closed ? inside : null;
    }
    if (token === '-') {
      const value = atom();
      return value === null ? null : -value;
    }
    if (/^\d+$/.test(token)) return Number(token);
    const name = /^\$?\{?([A-Za-z_]\w*)\}?$/.exec(token)?.[1];
    return name === undefined ? null : numberOf(name);
  };

  const product = (): number | null => {
    let value = atom();
    for (
      let operator = tokens[at];
      operator !== undefined && /^[*/%]$/.test(operator);
      operator = tokens[at]
    ) {
      at += 1;
      const right = atom();
      if (value === null || right === null || (operator !== '*' && right === 0)) return null;
      value = operator === '*' ? value * right : operator === '/' ? Math.trunc(value / right) : value % right;
    }
    return value;
  };

  const sum = (): number | null => {
    let value = product();
    for (let operator = tokens[at]; operator === '+' || operator === '-'; operator = tokens[at]) {
      at += 1;
      const right = product();
      if (value === null || right === null) return null;
      value = operator === '+' ? value + right : value - right;
    }
    return value;
  };

  const result = sum();
  return at === tokens.length && result !== null && Number.isSafeInteger(result) ? result : null;
}
