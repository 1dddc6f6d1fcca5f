import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConfigDocument } from '../../../src/engine/trainingConfig/document/configDocument.ts';
import { readJson, scanJson } from '../../../src/engine/trainingConfig/document/jsonDocument.ts';
import { readShell } from '../../../src/engine/trainingConfig/document/shellDocument.ts';
import { readToml } from '../../../src/engine/trainingConfig/document/tomlDocument.ts';
import { readYaml } from '../../../src/engine/trainingConfig/document/yamlDocument.ts';
import { parseConfig } from '../../../src/engine/trainingConfig/openDocument.ts';

const values = (document: ConfigDocument): Record<string, unknown> =>
  Object.fromEntries([...document.values.values()].map(({ path, value }) => [path, value]));
const messages = (document: ConfigDocument): string[] => document.problems.map(({ message }) => message);

describe('YAML', () => {
  it('follows anchors and merge keys; what the map states itself wins', () => {
    const document = readYaml('a.yaml', 'base: &b\n  lr: 1\n  wd: 2\nrun:\n  <<: *b\n  lr: 3\nagain: *b\n');
    assert.deepEqual(values(document), {
      'base.lr': 1,
      'base.wd': 2,
      'run.lr': 3,
      'run.wd': 2,
      'again.lr': 1,
      'again.wd': 2,
    });
    assert.equal(document.get('run.wd')?.key?.line, 3, 'a merged value stands where it was written');
    assert.deepEqual(messages(document), []);
  });

  it('keeps values under unknown tags', () => {
    const document = readYaml('a.yaml', 'lr: !!float 1e-5\nfuncs: !reward [a, b]\n');
    assert.deepEqual(values(document), { lr: 1e-5, funcs: ['a', 'b'] });
  });

  it('speaks YAML 1.1, as the trainers do', () => {
    assert.deepEqual(values(readYaml('a.yaml', 'a: yes\nb: off\nc: 1_000\nd: 1e-5\ne: "no"\n')), {
      a: true,
      b: false,
      c: 1000,
      d: 1e-5,
      e: 'no',
    });
  });

  it('names a repeated key with its place and takes the last value', () => {
    const document = readYaml('a.yaml', 'lr: 1\nbeta: 0\nlr: 2\n');
    assert.equal(document.get('lr')?.value, 2);
    assert.equal(document.get('lr')?.key?.line, 3);
    assert.deepEqual(messages(document), ['a.yaml:3:1: the key lr is given twice; its last value counts.']);
  });

  it('resolves interpolations and keeps what it cannot', () => {
    const text =
      'a: 2\nb: ${a}\nc:\n  d: ${.e}\n  e: x\n  f: ${..a}/${.e}\ng: ${oc.select:no.such,7}\nh: ${oc.env:HOME}\ni: ${mul:${a},3}\nj: ???\nk: ${l}\nl: ${k}\n';
    const document = readYaml('a.yaml', text);
    assert.deepEqual(
      { ...values(document) },
      {
        a: 2,
        b: 2,
        'c.d': 'x',
        'c.e': 'x',
        'c.f': '2/x',
        g: 7,
        h: '${oc.env:HOME}',
        i: '${mul:${a},3}',
        j: null,
        k: '${l}',
        l: '${k}',
      },
    );
    assert.equal(document.get('j')?.unresolved, '???');
    assert.equal(document.get('k')?.unresolved, '${l}');
  });

  it('reads what it can of a broken file and says where it broke', () => {
    const document = readYaml('a.yaml', 'lr: 1e-6\nbeta: 0.1\nbad: [1, 2\nseed: 3\n');
    assert.equal(document.get('lr')?.value, 1e-6);
    assert.equal(document.get('beta')?.value, 0.1);
    assert.match(messages(document)[0] ?? '', /^a\.yaml:[34]:\d+: /);
  });

  it('does not expand billions of aliases', () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'l0: &l0 {a: 1, b: 2, c: 3}'
        : `l${level}: &l${level} {${Array.from('abcdefghi')
            .map((key) => `${key}: *l${level - 1}`)
            .join(', ')}}`,
    );
    const document = readYaml('laughs.yaml', levels.join('\n'));
    assert.ok(document.values.size < 25_000);
    assert.match(messages(document)[0] ?? '', /aliases repeat more than 20000 values/);
  });

  it('refuses bottomless nesting with a sentence', () => {
    for (const text of ['['.repeat(100_000), '- '.repeat(50_000), `a: ${'{a: '.repeat(5000)}`]) {
      const document = readYaml('deep.yaml', text);
      assert.ok(document.problems.length > 0);
      assert.ok(document.problems.every(({ code }) => code !== 'internal'));
    }
  });

  it('ends on an alias that holds itself', () => {
    const document = readYaml('self.yaml', 'a: &a\n  b: *a\n  c: 1\n');
    assert.equal(document.get('a.c')?.value, 1);
  });

  it('reads five megabytes whole', () => {
    const lines = Array.from(
      { length: 120_000 },
      (_, index) => `some_long_key_number_${index}: value number ${index}`,
    );
    const text = `${lines.join('\n')}\nlast: ok\n`;
    assert.ok(text.length > 5_000_000);
    const document = readYaml('big.yaml', text);
    assert.equal(document.values.size, 120_001);
    assert.deepEqual(document.get('last')?.key, { line: 120_001, column: 1, length: 4 });
  });

  it('does not count a byte-order mark as a column', () => {
    assert.deepEqual(parseConfig('a.yaml', '\uFEFFlr: 1\n', 'yaml').get('lr')?.key, {
      line: 1,
      column: 1,
      length: 2,
    });
  });

  it('counts lines of CRLF files', () => {
    assert.deepEqual(readYaml('a.yaml', 'a: 1\r\nlr: 2e-6\r\n').get('lr')?.valueSpan, {
      line: 2,
      column: 5,
      length: 4,
    });
  });
});

describe('JSON', () => {
  it('reads bare NaN and Infinity as Python writes them', () => {
    const { value, fault } = scanJson('{"a": NaN, "b": [Infinity, -Infinity, 1e-7], "c": null}');
    assert.equal(fault, null);
    assert.deepEqual(JSON.stringify(value), '{"a":null,"b":[null,null,1e-7],"c":null}');
    assert.ok(Number.isNaN((value as { a: number }).a));
  });

  it('gives places, and the end of what could be read', () => {
    const document = readJson('a.json', '{\n  "lr": 1e-6,\n  "list": ["q", "v"],\n  "bad" 3\n}');
    assert.deepEqual(document.get('lr')?.key, { line: 2, column: 3, length: 4 });
    assert.deepEqual(document.get('lr')?.valueSpan, { line: 2, column: 9, length: 4 });
    assert.deepEqual(document.get('list')?.value, ['q', 'v']);
    assert.deepEqual(messages(document), ['a.json:4:9: expected a colon after the key.']);
  });

  it('does not take a key for a prototype', () => {
    const document = readJson('a.json', '{"__proto__": {"lr": 1}, "constructor": 2, "lr": 3}');
    assert.equal(document.get('lr')?.value, 3);
    assert.equal(document.get('__proto__.lr')?.value, 1);
    assert.equal(({} as Record<string, unknown>)['lr'], undefined);
  });

  it('agrees with JSON.parse on valid text', () => {
    const text = JSON.stringify({
      a: [1, -2.5e-3, { b: 'x"\\\u0007é', c: [] }],
      d: {},
      e: [[true, false], null],
    });
    assert.equal(JSON.stringify(scanJson(text).value), text);
  });
});

describe('launch scripts', () => {
  it('reads flags, attached values, lists, switches and variables', () => {
    const document = readShell(
      'run.sh',
      'LR=1e-6\nNAME="a b"\ntrain \\\n  --lr $LR --name="$NAME" \\\n  --betas 0.9 0.95 --flag --other ${X:-3} --odd $UNKNOWN # --not 1\n',
    );
    assert.deepEqual(values(document), {
      lr: 1e-6,
      name: 'a b',
      betas: ['0.9', '0.95'],
      flag: true,
      other: 3,
      odd: '$UNKNOWN',
    });
    assert.equal(document.get('odd')?.unresolved, '$UNKNOWN');
    assert.deepEqual(document.get('lr')?.key, { line: 4, column: 3, length: 4 });
  });

  it('does not run over the end of a command, nor mixes two', () => {
    const document = readShell('run.sh', 'a --x 1 --z 2\nb --y\nc d\n');
    assert.deepEqual(values(document), { x: 1, z: 2 });
    assert.deepEqual(
      document.launches.map(({ title, at, read }) => [title, at.line, read]),
      [
        ['a', 1, true],
        ['b', 2, false],
      ],
    );
  });

  it('reads Hydra words after -m and --', () => {
    const document = readShell(
      'run.sh',
      "ray job --dir . -- python3 -m verl.trainer.main_ppo a.b=1 'c.d=[x,y]' +e.f=null\n",
    );
    assert.deepEqual(values(document), { 'a.b': 1, 'c.d': ['x', 'y'], 'e.f': null });
  });

  const launch = (script: string): Record<string, unknown> =>
    values(readShell('run.sh', `${script}\npython train.py --lr "$LR"\n`));

  it('takes the side of a branch that the script settles', () => {
    assert.deepEqual(launch('A=x\nif [[ $A == x ]]; then LR=1; else LR=2; fi'), { lr: 1 });
    assert.deepEqual(launch('A=y\nif [ "$A" = "x" ]; then LR=1; elif [ $A != z ]; then LR=2; fi'), { lr: 2 });
    assert.deepEqual(launch('N=4\nLR=1\n[ $N -gt 4 ] && LR=2\n[ -n "$LR" ] || LR=3'), { lr: 1 });
    assert.deepEqual(launch('case run-a in *-b) LR=1;; run-*) LR=2;; esac'), { lr: 2 });
    assert.deepEqual(launch('LR=1\nwhile false; do LR=2; done'), { lr: 1 });
  });

  it('leaves open what only the surroundings settle', () => {
    const both = readShell('a.sh', 'if [ "$1" = x ]; then LR=1; else LR=2; fi\npython t.py --lr $LR --b 3\n');
    assert.equal(both.get('lr')?.unresolved, '$LR');
    assert.equal(both.get('b')?.value, 3);
    const maybe = readShell(
      'a.sh',
      'A=(--x 1)\nif [ -n "$KL" ]; then A+=(--kl 0.1); fi\npython t.py "${A[@]}"\n',
    );
    assert.equal(maybe.get('x')?.unresolved, null);
    assert.deepEqual([maybe.get('kl')?.value, maybe.get('kl')?.unresolved], [null, '0.1 where [ -n "$KL" ]']);
    const several = readShell('a.sh', 'for LR in 1e-6 1e-5; do python t.py --lr $LR --b 3; done\n');
    assert.equal(several.get('lr')?.unresolved, '$LR');
    assert.equal(
      readShell('a.sh', 'python t.py --lr $(cat rate) --b 3\n').get('lr')?.unresolved,
      '$(cat rate)',
    );
  });

  it('keeps the value that the script states where the surroundings may set another', () => {
    assert.deepEqual(launch('if [ -z "$LR" ]; then LR=1; fi'), { lr: 1 });
    assert.deepEqual(launch('LR=1\nwhile [ $# -gt 0 ]; do case $1 in --lr) LR=$2; shift 2;; esac; done'), {
      lr: 1,
    });
    assert.deepEqual(launch(': ${LR:=1}\nLR=${LR:-${OTHER:-4}}'), { lr: 4 });
  });

  it('ends where the script ends', () => {
    assert.deepEqual(values(readShell('a.sh', 'python a.py --x 1\nexit\npython b.py --x 2 --y 3\n')), {
      x: 1,
    });
    assert.deepEqual(values(readShell('a.sh', 'exec python a.py --x 1\npython b.py --x 2 --y 3\n')), {
      x: 1,
    });
  });

  it('reads no words of a script that launches nothing', () => {
    const document = readShell(
      'a.sh',
      'ARGS=(--lr 1)\necho --lr 2\nray start --head\npip install --upgrade x\n',
    );
    assert.deepEqual(values(document), {});
    assert.match(messages(document)[0] ?? '', /^a\.sh: starts no training/);
  });

  it('does not expand billions of words', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `V${index + 1}="$V${index} $V${index}"`);
    const document = readShell('a.sh', `V0="--lr 1"\n${lines.join('\n')}\npython t.py --seed 3 $V40\n`);
    assert.equal(document.get('seed')?.value === 3 || document.get('seed')?.unresolved !== null, true);
  });
});

describe('TOML', () => {
  const text =
    'a = 1\n[t.u]\n"k" = [1, 2]\nin = { x = "y", "z.w" = 3 }\ns = \'\'\'\na = 5\n\'\'\'\n[[r]]\nn = 1e-6\n[[r]]\nn = 2\n';

  it('is read as what it is, with places', () => {
    const document = readToml('a.toml', text);
    assert.deepEqual(values(document), {
      a: 1,
      't.u.k': ['1', '2'],
      't.u.in.x': 'y',
      't.u.in.z.w': 3,
      't.u.s': 'a = 5\n',
      'r.0.n': 1e-6,
      'r.1.n': 2,
    });
    assert.deepEqual(document.get('r.1.n')?.valueSpan, { line: 11, column: 5, length: 1 });
    assert.equal(document.get('t.u.in.x')?.key?.line, 4);
    assert.equal(document.get('a')?.key?.line, 1);
  });

  it('says where it is none', () => {
    const document = readToml('a.toml', 'a = 1\nb = \n');
    assert.deepEqual(values(document), {});
    assert.match(messages(document)[0] ?? '', /^a\.toml:2:\d+: is no TOML: /);
    assert.ok(messages(readToml('a.toml', `a = ${'['.repeat(100_000)}`)).length === 1);
  });
});
