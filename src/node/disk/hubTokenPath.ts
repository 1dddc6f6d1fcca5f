// Where `hf auth login` leaves its token: the variables of huggingface_hub, in its order.
import { homedir } from 'node:os';
import { join } from 'node:path';

export function hubTokenPath(environment: Readonly<Record<string, string | undefined>>): string {
  const named = (name: string): string | null => {
    const value = environment[name];
    return value === undefined || value === '' ? null : value;
  };
  const cache = named('XDG_CACHE_HOME') ?? join(homedir(), '.cache');
  const home = named('HF_HOME') ?? join(cache, 'huggingface');
  return named('HF_TOKEN_PATH') ?? join(home, 'token');
}
