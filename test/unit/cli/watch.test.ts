// The built `three-gate watch` beside an imitated trainer: which rows it prints, what it writes, and how it goes on.
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Ajv } from 'ajv';
import { readEvents } from '../../../src/engine/trainingConfig/logs/tensorBoard.ts';
import type { FollowedStep } from '../../../src/shared/report/followedStep.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import type { RunsReport } from '../../../src/shared/report/runsReport.ts';
import { ImitatedTrainer } from '../../support/imitatedTrainer.ts';

const root = resolve(import.meta.dirname, '../../..');
const cli = join(root, 'dist/cli.cjs');
const runs = join(root, 'test/fixtures/runs');
const base = join(runs, 'base');
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-watch-'));
const environment = { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache'), NO_COLOR: undefined };
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile<FollowedStep>(
  JSON.parse(readFileSync(join(root, 'dist/followed-step.schema.json'), 'utf8')) as object,
);
const betweenLooks = ['--interval', '0.05'];

after(() => {
  rmSync(scratch, { recursive: true });
});

class Watching {
  stdout = '';
  stderr = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown[]>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [cli, 'watch', '--base', base, ...args], {
      cwd: scratch,
      // Of its own, so that an interrupt reaches the engine too, as Ctrl-C in a terminal does.
      detached: true,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.closed = once(this.child, 'close');
  }

  async until(stream: 'stdout' | 'stderr', words: RegExp): Promise<void> {
    while (!words.test(this[stream])) {
      assert.equal(this.child.exitCode, null, `it ended before it said ${words.source}: ${this.stderr}`);
      await pause(20);
    }
  }

  interrupt(): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGINT');
  }

  async end(): Promise<number | null> {
    return ((await this.closed) as [number | null])[0];
  }

  /** The first cell of every row of numbers. */
  get rows(): string[] {
    return [...this.stdout.matchAll(/^ {2}(\d+) .*%/gmu)].map(([, step = '']) => step);
  }
}

function stepsIn(file: string): FollowedStep[] {
  const lines = readFileSync(join(scratch, file), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const value: unknown = JSON.parse(line);
    assert.ok(validate(value), JSON.stringify(validate.errors?.slice(0, 3)));
    return value;
  });
}

/** The same steps, as `runs` has them once all of them lie there. */
function trajectory(): RunsReport['trajectories'][number]['points'] {
  const args = [cli, 'runs', base, join(runs, 'rl-a'), '--json', '-', '--quiet'];
  const report = JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8', env: environment }),
  ) as RunsReport;
  return report.trajectories[0]?.points ?? assert.fail('the run is followed');
}

describe('three-gate watch', () => {
  const trainer = new ImitatedTrainer(join(runs, 'rl-a'), join(scratch, 'live'));

  it('analyses each checkpoint when it is complete, and keeps the row of one that is deleted', async () => {
    const watching = new Watching('live', ...betweenLooks, '--until', '200', '--jsonl', 'live.jsonl');
    await trainer.save(50, 50);
    await watching.until('stdout', /^ {2}50 /mu);
    trainer.saveHalf(100);
    await watching.until('stderr', /checkpoint-100 is not complete, and is waited for: .*truncated/u);
    trainer.remove(50);
    await trainer.save(100, 50);
    await watching.until('stdout', /^ {2}100 /mu);
    // A crash: what it leaves is never complete, and the run goes on after it.
    trainer.saveHalf(150, 0.3, 100);
    await trainer.save(200, 50);
    assert.equal(await watching.end(), 0, watching.stderr);
    assert.deepEqual(watching.rows, ['50', '100', '200']);
    assert.match(watching.stdout, /step 200: Precision is partial, was masked\n/u);
    assert.ok(!/step (?:50|100):/u.test(watching.stdout), 'nothing changed before');
  });

  it('writes the numbers that runs has for the same checkpoints', () => {
    const expected = trajectory();
    const steps = stepsIn('live.jsonl');
    assert.deepEqual(
      steps.map(({ step }) => step),
      [50, 100, 200],
    );
    for (const { point, limits } of steps) {
      const other = expected.find(({ step }) => step === point.step);
      // Only its folder has another name.
      assert.deepEqual({ ...point, path: '', label: '' }, { ...other, path: '', label: '' });
      assert.equal(limits, null);
    }
  });

  it('goes on where it stopped: no step twice, and the deleted one among its rows', async () => {
    const before = readFileSync(join(scratch, 'live.jsonl'));
    const again = new Watching('live', '--once', '--jsonl', 'live.jsonl', ...betweenLooks);
    assert.equal(await again.end(), 0, again.stderr);
    assert.deepEqual(again.rows, ['50', '100', '200']);
    assert.ok(readFileSync(join(scratch, 'live.jsonl')).equals(before));
    // Whoever has only the file, and no cache, has the rows too.
    const elsewhere = new Watching('live', '--once', '--no-cache', '--jsonl', 'live.jsonl', ...betweenLooks);
    assert.equal(await elsewhere.end(), 0, elsewhere.stderr);
    assert.deepEqual(elsewhere.rows, ['50', '100', '200']);
    assert.ok(readFileSync(join(scratch, 'live.jsonl')).equals(before));
    // And whoever has only the cache fills a new file.
    const fresh = new Watching('live', '--once', '--jsonl', 'fresh.jsonl', ...betweenLooks);
    assert.equal(await fresh.end(), 0, fresh.stderr);
    assert.deepEqual(stepsIn('fresh.jsonl'), stepsIn('live.jsonl'));
  });

  it('writes event files that the reader of training logs has back, and no step twice', async () => {
    const events = (): { step: number; values: Record<string, number> }[] =>
      readdirSync(join(scratch, 'tb')).flatMap((name) => {
        assert.match(name, /^events\.out\.tfevents\.\d{10}\.[\w.-]+\.\d+\.three-gate$/u);
        const { table, problems } = readEvents(name, readFileSync(join(scratch, 'tb', name)));
        assert.deepEqual(problems, []);
        return table.rows.map(({ step, values }) => ({ step, values }));
      });
    const first = new Watching('live', '--once', '--tensorboard', 'tb', ...betweenLooks);
    assert.equal(await first.end(), 0, first.stderr);
    const expected = stepsIn('live.jsonl').map(({ step, point }) => ({
      step,
      values: {
        'three-gate/sparsityBf16': Math.fround(point.sparsityBf16 ?? NaN),
        'three-gate/relativeDrift': Math.fround(point.relativeDrift ?? NaN),
        'three-gate/spectralDriftTopK': Math.fround(point.spectralDriftTopK ?? NaN),
        'three-gate/rotationMeanDeg': Math.fround(point.rotationMeanDeg ?? NaN),
        'three-gate/kl': Math.fround(point.kl ?? NaN),
        'three-gate/gates/anchor': 1,
        'three-gate/gates/geometry': 1,
        'three-gate/gates/precision': step === 200 ? 0.5 : 1,
      },
    }));
    assert.deepEqual(events(), expected);
    const again = new Watching('live', '--once', '--tensorboard', 'tb', ...betweenLooks);
    assert.equal(await again.end(), 0, again.stderr);
    assert.deepEqual(events(), expected);
  });

  it('is no log of the run to a later analysis', async () => {
    const genuine = 'events.out.tfevents.1700000000.fixture.1.0';
    const own = join(scratch, 'live/runs/Nov14_host');
    cpSync(join(root, 'test/fixtures/logs', genuine), join(own, genuine));
    rmSync(join(trainer.pathOf(100), 'trainer_state.json'));
    const places = ['--jsonl', 'live/steps.jsonl', '--tensorboard', 'live/runs/zz-followed'];
    const beside = new Watching('live', '--once', ...places, ...betweenLooks);
    assert.equal(await beside.end(), 0, beside.stderr);
    const args = [cli, 'analyze', base, trainer.pathOf(100), '--json', '-', '--quiet'];
    const report = JSON.parse(
      execFileSync(process.execPath, args, { encoding: 'utf8', env: environment }),
    ) as Report;
    const { logs, problems } = report.training;
    assert.deepEqual(problems, []);
    assert.deepEqual([...new Set(logs.map(({ file }) => file))], [join(own, genuine)]);
  });

  it('takes away a line that was cut off, and refuses a file that is none of its own', async () => {
    const file = join(scratch, 'live.jsonl');
    const before = readFileSync(file);
    appendFileSync(file, before.subarray(0, 200));
    const again = new Watching('live', '--once', '--jsonl', 'live.jsonl', ...betweenLooks);
    assert.equal(await again.end(), 0, again.stderr);
    assert.ok(readFileSync(file).equals(before));
    const other = new Watching('live', '--once', '--jsonl', 'live.jsonl', '--rank', '4', ...betweenLooks);
    assert.equal(await other.end(), 2);
    assert.match(other.stderr, /live\.jsonl cannot be gone on with: line 1 is of .*other options/u);
    writeFileSync(join(scratch, 'log.jsonl'), '{"step": 1, "loss": 2.5}\n');
    const foreign = new Watching('live', '--once', '--jsonl', 'log.jsonl', ...betweenLooks);
    assert.equal(await foreign.end(), 2);
    assert.match(foreign.stderr, /log\.jsonl cannot be gone on with: line 1 is no step of a followed run/u);
  });

  it('ends at once when it is interrupted, and keeps what it wrote', async () => {
    const watching = new Watching('live', '--jsonl', 'kept.jsonl', ...betweenLooks);
    await watching.until('stdout', /^ {2}200 /mu);
    watching.interrupt();
    assert.equal(await watching.end(), 130, watching.stderr);
    assert.equal(stepsIn('kept.jsonl').length, 3);
  });

  it('stops when nothing comes, and says that nothing is there', async () => {
    const watching = new Watching('nothing', '--idle', '0.3', ...betweenLooks);
    assert.equal(await watching.end(), 0, watching.stderr);
    assert.match(watching.stdout, /No complete checkpoint is there yet\./u);
    assert.ok(!existsSync(join(scratch, 'nothing')));
  });

  it('says a limit that breaks, with status 4, and judges anew by other limits', async () => {
    writeFileSync(join(scratch, 'limits.yaml'), 'limits:\n  - sparsityBf16 >= 0.4\n');
    const followed = new Watching('live', '--once', '--limits', 'limits.yaml', ...betweenLooks);
    assert.equal(await followed.end(), 4, followed.stderr);
    const broken =
      /step 200: the limit "sparsityBf16 >= 0.4" is broken: sparsityBf16 is 32\.3 % in the whole model, and was to be ≥ 40 %/u;
    assert.match(followed.stdout, broken);
    assert.ok(!followed.stdout.includes('step 100: the limit'), 'it holds at step 100');
    const quiet = new Watching(
      'live',
      '--once',
      '--no-cache',
      '--quiet',
      '--limits',
      'limits.yaml',
      ...betweenLooks,
    );
    assert.equal(await quiet.end(), 4);
    assert.equal(quiet.stdout, '');
    assert.match(quiet.stderr, /^three-gate: step 200: the limit .* is broken: .*\n$/u);
  });

  it('refuses a base that cannot be opened, and limits that look at nothing', async () => {
    const without = new Watching('live', '--once', ...betweenLooks, '--base', 'absent');
    assert.equal(await without.end(), 2);
    assert.match(without.stderr, /absent does not exist/u);
    writeFileSync(join(scratch, 'useless.yaml'), 'limits:\n  - tensor absent: relativeDrift <= 1\n');
    const useless = new Watching('live', '--once', '--limits', 'useless.yaml', ...betweenLooks);
    assert.equal(await useless.end(), 2);
    assert.match(useless.stderr, /useless\.yaml:2:5: .* looks at nothing/u);
  });
});
