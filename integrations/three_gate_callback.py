"""Three-Gate beside a training run of TRL or transformers: every saved checkpoint is looked at in the background.

One file without dependencies, for Python 3.9 and newer. Copy it beside your script:

    from three_gate_callback import ThreeGateCallback

    ThreeGateCallback(base="Qwen/Qwen2.5-1.5B").attach(trainer)
    trainer.train()

After each save it starts `three-gate watch RUN --base BASE --once --jsonl FILE`, one at a time and with low priority, and gives
the numbers of each step to the trainer's own loggers as `three-gate/...`. It never stops a training: what goes wrong is said
once, as a warning, and the run goes on without it.
"""

import json
import logging
import os
import subprocess
import tempfile
import time

try:
    from transformers import TrainerCallback
except Exception:  # Whatever keeps transformers from loading: any trainer that calls these methods will do.
    TrainerCallback = object

logger = logging.getLogger("three_gate")

#: Of a line of `watch --jsonl` (dist/followed-step.schema.json), what is logged as a number.
MEASURES = ("sparsityBf16", "relativeDrift", "spectralDriftTopK", "rotationMeanDeg")


class ThreeGateCallback(TrainerCallback):
    """Looks at the checkpoints of `args.output_dir`.

    base: folder, model id in the Hugging Face cache, or hf://org/model that training started from.
    command: how three-gate is started; a list of words.
    jsonl: file that a line per step is appended to; `three-gate.jsonl` in the output folder if None.
    arguments: further flags of `three-gate watch`, such as ["--tensorboard", DIR, "--threads", "4"].
    nice: priority left to the training, 0 to 19.
    timeout_s: seconds after which one look is given up; the next save starts another.
    finish_s: seconds to wait at the end of the training for the last checkpoint.
    """

    def __init__(
        self,
        base,
        command=("three-gate",),
        jsonl=None,
        arguments=(),
        nice=10,
        timeout_s=3600.0,
        finish_s=600.0,
    ):
        self.base = str(base)
        self.command = [str(word) for word in command]
        self.jsonl = jsonl
        self.arguments = [str(word) for word in arguments]
        self.nice = nice
        self.timeout_s = timeout_s
        self.finish_s = finish_s
        self._trainer = None
        self._process = None
        self._errors = None
        self._deadline = 0.0
        self._waiting = None
        self._read_to = None
        self._warned = set()
        self._usable = True

    def attach(self, trainer):
        """Adds itself to a trainer, whose loggers then have the numbers. Returns itself."""
        trainer.add_callback(self)
        self._trainer = trainer
        return self

    # What the trainer calls. None of them lets an exception out.

    def on_save(self, args, state, control, **kwargs):
        self._safely(self._saved, args, state)

    def on_step_end(self, args, state, control, **kwargs):
        self._safely(self._look)

    def on_train_end(self, args, state, control, **kwargs):
        self._safely(self._finish)

    def _safely(self, action, *arguments):
        try:
            action(*arguments)
        except Exception as error:
            self._warn(f"{type(error).__name__}: {error}")

    def _saved(self, args, state):
        if not self._usable or not getattr(state, "is_world_process_zero", True):
            return
        if self.jsonl is None:
            self.jsonl = os.path.join(args.output_dir, "three-gate.jsonl")
        if self._read_to is None:
            # Lines of an earlier call were logged by it.
            self._read_to = os.path.getsize(self.jsonl) if os.path.exists(self.jsonl) else 0
        self._waiting = args.output_dir
        self._look()

    def _look(self):
        """Takes what there is of the analysis that runs, and starts the one that waits."""
        self._log_new_lines()
        if self._process is not None:
            if self._process.poll() is None and time.monotonic() < self._deadline:
                return
            self._end()
        if self._waiting is not None and self._usable:
            run, self._waiting = self._waiting, None
            self._start(run)

    def _start(self, run):
        words = [*self.command, "watch", str(run), "--base", self.base, "--once", "--interval", "1"]
        words += ["--jsonl", str(self.jsonl), "--nice", str(self.nice), "--quiet", *self.arguments]
        # A file and no pipe: nobody reads while the training works.
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._errors
            )
        except OSError as error:
            self._errors.close()
            self._usable = False
            self._warn(
                f"{self.command[0]} cannot be started ({error.strerror}). Install it (`npm install -g three-gate`), or name it by "
                "command=[...]. This run goes on without it."
            )
            return
        self._deadline = time.monotonic() + self.timeout_s

    def _end(self):
        process, self._process = self._process, None
        if process.poll() is None:
            process.kill()
            process.wait()
            self._warn(f"a look at the checkpoints took more than {self.timeout_s:g} s and was given up.")
        elif process.returncode not in (0, 3, 4):
            self._errors.seek(0)
            told = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            self._warn(f"three-gate ended with status {process.returncode}: {told[-1] if told else 'it said nothing'}")
        self._errors.close()
        self._log_new_lines()

    def _finish(self):
        until = time.monotonic() + self.finish_s
        self._look()
        while self._process is not None and time.monotonic() < until:
            time.sleep(0.1)
            self._look()
        if self._process is not None:
            self._deadline = 0.0
            self._end()

    def _log_new_lines(self):
        if self._read_to is None or not os.path.exists(self.jsonl):
            return
        with open(self.jsonl, "rb") as lines:
            lines.seek(self._read_to)
            text = lines.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read_to += len(whole)
        for line in whole.splitlines():
            self._log(json.loads(line))

    def _log(self, followed):
        point = followed["point"]
        step = followed["step"]
        if point.get("problem") is not None:
            self._warn(f"step {step}: {point['problem']}")
            return
        numbers = {f"three-gate/{name}": point[name] for name in MEASURES if point.get(name) is not None}
        logger.info("step %s: %s, %s", step, point["regime"], ", ".join(str(word) for word in point["words"] or []))
        if self._trainer is not None:
            # Logged later than it was saved: the step that it speaks of is one of the numbers.
            self._trainer.log({**numbers, "three-gate/step": step})

    def _warn(self, text):
        if text in self._warned:
            return
        self._warned.add(text)
        logger.warning("Three-Gate: %s", text)
