"""The callback with stand-ins of a trainer: what it needs of transformers' interface, and no more.

THREE_GATE_COMMAND is a JSON list of words; NANO is a folder with base/ and grpo/checkpoint-100/.
"""

import importlib
import json
import os
import shutil
import stat
import sys
import tempfile
import time
import types
import unittest

import three_gate_callback
from three_gate_callback import ThreeGateCallback

COMMAND = json.loads(os.environ["THREE_GATE_COMMAND"])
NANO = os.environ["NANO"]


class Trainer:
    """As transformers calls its callbacks: save, then further steps, then the end."""

    def __init__(self, output_dir, process_zero=True):
        self.args = types.SimpleNamespace(output_dir=output_dir)
        self.state = types.SimpleNamespace(is_world_process_zero=process_zero)
        self.callbacks = []
        self.logged = []

    def add_callback(self, callback):
        self.callbacks.append(callback)

    def log(self, logs):
        self.logged.append(logs)

    def call(self, event):
        for callback in self.callbacks:
            getattr(callback, event)(self.args, self.state, object(), model=None)

    def save(self, step):
        shutil.copytree(os.path.join(NANO, "grpo/checkpoint-100"), f"{self.args.output_dir}/checkpoint-{step}")
        self.call("on_save")

    def end(self):
        self.call("on_step_end")
        self.call("on_train_end")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="three-gate-python-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = os.path.join(self.folder, "out")
        os.mkdir(self.out)

    def program(self, text):
        path = os.path.join(self.folder, "program.py")
        with open(path, "w") as file:
            file.write(f"#!{sys.executable}\nimport sys, time\n{text}\n")
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        return [path]

    def trained(self, callback, saves=1, process_zero=True):
        trainer = Trainer(self.out, process_zero)
        callback.attach(trainer)
        for number in range(saves):
            trainer.save(100 * (number + 1))
        trainer.end()
        return trainer

    def test_logs_the_numbers_of_a_saved_checkpoint(self):
        callback = ThreeGateCallback(
            os.path.join(NANO, "base"), command=COMMAND, arguments=["--cache-dir", os.path.join(self.folder, "cache")]
        )
        trainer = self.trained(callback)
        with open(os.path.join(self.out, "three-gate.jsonl")) as lines:
            told = [json.loads(line) for line in lines]
        self.assertEqual([each["step"] for each in told], [100])
        point = told[0]["point"]
        expected = {f"three-gate/{name}": point[name] for name in three_gate_callback.MEASURES}
        self.assertEqual(trainer.logged, [{**expected, "three-gate/step": 100}])
        # Relative drift of the genuine run, as docs and demo have it.
        self.assertAlmostEqual(trainer.logged[0]["three-gate/relativeDrift"], 0.001995, places=6)

    def test_logs_what_is_new_when_a_run_goes_on(self):
        arguments = ["--cache-dir", os.path.join(self.folder, "cache")]
        base = os.path.join(NANO, "base")
        self.trained(ThreeGateCallback(base, command=COMMAND, arguments=arguments))
        second = Trainer(self.out)
        ThreeGateCallback(base, command=COMMAND, arguments=arguments).attach(second)
        second.save(200)
        second.end()
        self.assertEqual([each["three-gate/step"] for each in second.logged], [200])

    def test_goes_on_without_a_command_that_is_not_there(self):
        with self.assertLogs("three_gate", "WARNING") as logs:
            trainer = self.trained(ThreeGateCallback("base", command=["no-such-three-gate"]), saves=2)
        self.assertEqual(len(logs.output), 1)
        self.assertRegex(logs.output[0], "no-such-three-gate cannot be started .*npm install")
        self.assertEqual(trainer.logged, [])

    def test_says_why_an_analysis_failed(self):
        with self.assertLogs("three_gate", "WARNING") as logs:
            trainer = self.trained(ThreeGateCallback(os.path.join(self.folder, "nothing"), command=COMMAND))
        self.assertRegex(logs.output[0], "status 2: .*nothing")
        self.assertEqual(trainer.logged, [])

    def test_gives_up_what_takes_too_long(self):
        began = time.monotonic()
        with self.assertLogs("three_gate", "WARNING") as logs:
            self.trained(ThreeGateCallback("base", command=self.program("time.sleep(600)"), timeout_s=0.5))
        self.assertRegex(logs.output[0], "more than 0.5 s")
        self.assertLess(time.monotonic() - began, 300)

    def test_looks_once_at_a_time_and_again_after_the_last_save(self):
        record = os.path.join(self.folder, "record")
        program = self.program(
            f"open({record!r}, 'a').write('in ')\ntime.sleep(1)\nopen({record!r}, 'a').write('out ')"
        )
        self.trained(ThreeGateCallback("base", command=program), saves=3)
        with open(record) as file:
            self.assertEqual(file.read(), "in out in out ")

    def test_starts_nothing_beside_the_first_process(self):
        record = os.path.join(self.folder, "record")
        program = self.program(f"open({record!r}, 'w')")
        self.trained(ThreeGateCallback("base", command=program), process_zero=False)
        self.assertFalse(os.path.exists(record))

    def test_keeps_an_error_of_a_logger_from_the_training(self):
        line = json.dumps({"step": 1, "point": {"problem": None, "regime": "x", "words": None, "relativeDrift": 1.0}})
        program = self.program(f"open(sys.argv[sys.argv.index('--jsonl') + 1], 'a').write({line!r} + '\\n')")
        trainer = Trainer(self.out)
        ThreeGateCallback("base", command=program).attach(trainer)

        def refuse(logs):
            raise RuntimeError("the logger is closed")

        trainer.log = refuse
        trainer.callbacks[0]._trainer = trainer
        with self.assertLogs("three_gate", "WARNING") as logs:
            trainer.save(100)
            trainer.end()
        self.assertRegex(logs.output[0], "the logger is closed")

    def test_is_a_callback_of_transformers_where_that_is(self):
        class TrainerCallback:
            pass

        sys.modules["transformers"] = types.SimpleNamespace(TrainerCallback=TrainerCallback)
        try:
            self.assertTrue(issubclass(importlib.reload(three_gate_callback).ThreeGateCallback, TrainerCallback))
        finally:
            del sys.modules["transformers"]
            importlib.reload(three_gate_callback)


if __name__ == "__main__":
    unittest.main()
