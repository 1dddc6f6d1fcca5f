/** The members of each key together, keys and members as they first come. */
export function grouped<Member>(members: Iterable<Member>, keyOf: (member: Member) => string): Member[][] {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = keyOf(member);
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [member]);
    else own.push(member);
  }
  return [...groups.values()];
}
