"""One unit's hang, crash, hunger or bug costs that unit alone, whoever does the work."""

import os
import signal
import sys
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import pytest

from reportgen import workers
from reportgen.batch import build_all, check_all
from reportgen.pool import StartError
from reportgen.project import Forms
from reportgen.unit import do
from support_batch import Pattern, documents, make_project

UNITS = [f"单位{n:02}" for n in range(12)]
BAD = "单位05"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a project of twelve units, and their documents as one process makes them."""
    root = tmp_path_factory.mktemp("project")
    pattern = Pattern(make_project(root))
    for unit in UNITS:
        (root / "inputs" / f"{unit}.xlsx").write_bytes(pattern.of(unit))
    build(root, "whole", jobs=1)
    return root


def build(root, output, **more):
    return build_all([root / "inputs"], Forms(root / "templates"), root / output, **more)


def told(run):
    return [(d.unit, d.status) for d in run.documents if d.file.endswith("报告.docx")]


def codes(run):
    return [(f.code, f.place.file) for f in run.findings]


def check_others(root, output):
    """Check that all units but the bad one have their document."""
    whole = documents(root, "whole")
    there = {name for name in documents(root, output) if name.endswith("报告.docx")}
    assert there == {f"{unit}报告.docx" for unit in UNITS if unit != BAD}
    assert all(documents(root, output)[name] == whole[name] for name in there)


# What the processes of the pool do instead: they import this module.


def hang(settings, job):
    if job.file == f"{BAD}.xlsx":
        time.sleep(1000)
    return do(settings, job)


def burn(settings, job):
    while job.file == f"{BAD}.xlsx":
        pass
    return do(settings, job)


def crash(settings, job):
    if job.file == f"{BAD}.xlsx":
        os.kill(os.getpid(), signal.SIGSEGV)
    return do(settings, job)


def crash_once(settings, job):
    """Die the first time: a file beside the workbook knows."""
    mark = job.folder / f"{job.file}.died"
    if job.file == f"{BAD}.xlsx" and not mark.exists():
        mark.write_bytes(b"")
        os.kill(os.getpid(), signal.SIGKILL)
    return do(settings, job)


def eat_memory(settings, job):
    if job.file == f"{BAD}.xlsx":
        eaten = [b"x" * (100 << 20) for _ in range(100)]
        assert eaten
    return do(settings, job)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows 没有这种限制")
def test_a_small_unit_on_which_the_processor_works_and_works_is_ended_soon(
    project, tmp_path, monkeypatch
):
    monkeypatch.setattr(workers, "do", burn)
    monkeypatch.setattr(workers, "_LEAST_WORK", 1.0)

    run = build(project, tmp_path.name, jobs=2)

    assert codes(run) == [("E118", f"{BAD}.xlsx")]
    check_others(project, tmp_path.name)


@pytest.mark.parametrize(("work", "code"), [(hang, "E118"), (crash, "E119"), (eat_memory, "E119")])
def test_a_unit_that_hangs_crashes_or_eats_memory_costs_itself_alone(
    project, tmp_path, monkeypatch, work, code
):
    monkeypatch.setattr(workers, "do", work)
    monkeypatch.setattr(workers, "SECONDS", 3 if work is hang else 60)
    out = tmp_path.name

    run = build(project, out, jobs=2)

    assert codes(run) == [(code, f"{BAD}.xlsx")]
    assert run.exit_code() == 1
    check_others(project, out)
    monkeypatch.undo()
    again = build(project, out, jobs=2)
    assert codes(again) == []
    assert [unit for unit, status in told(again) if status == "built"] == [BAD]


def test_a_unit_whose_process_was_killed_is_tried_again_and_built(project, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "do", crash_once)

    run = build(project, tmp_path.name, jobs=2)
    (project / "inputs" / f"{BAD}.xlsx.died").unlink()

    assert [code for code, _ in codes(run)] in ([], ["N108"])
    assert documents(project, tmp_path.name) == documents(project, "whole")


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_however_many_processes_there_are_the_run_says_and_writes_the_same(project, tmp_path, jobs):
    run = build(project, tmp_path.name, jobs=jobs)

    assert told(run) == [(unit, "built") for unit in UNITS]
    assert documents(project, tmp_path.name) == documents(project, "whole")


# -- other executors ------------------------------------------------------------------------------


def processes():
    return ProcessPoolExecutor(2, get_context("forkserver"))


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, processes])
def test_any_executor_makes_the_same_documents(project, tmp_path, executor):
    with executor() as given:
        run = build(project, tmp_path.name, executor=given)

    assert told(run) == [(unit, "built") for unit in UNITS]
    assert documents(project, tmp_path.name) == documents(project, "whole")


class Dying(Executor):
    """What is left of a pool whose processes died: Python's own may hang while it finds that out."""

    def submit(self, *_args, **_more):
        broken = Future()
        broken.set_exception(BrokenProcessPool())
        return broken


def test_an_executor_whose_processes_die_is_made_up_for_on_this_computer(project, tmp_path):
    run = build(project, tmp_path.name, executor=Dying())

    assert sorted(told(run)) == [(unit, "built") for unit in UNITS]
    assert documents(project, tmp_path.name) == documents(project, "whole")


def test_an_executor_that_is_shut_down_is_made_up_for_on_this_computer(project, tmp_path):
    given = ThreadPoolExecutor(1)
    given.shutdown()

    run = build(project, tmp_path.name, executor=given)

    assert told(run) == [(unit, "built") for unit in UNITS]


class Late(Future):
    def result(self, timeout=None):
        assert timeout is not None
        raise TimeoutError


class Never(Executor):
    """Takes work and does none of it."""

    def __init__(self):
        self.given = 0

    def submit(self, *_args, **_more):
        self.given += 1
        return Late()


def test_an_executor_that_never_answers_is_made_up_for_on_this_computer(project, tmp_path):
    run = build(project, tmp_path.name, executor=Never())

    assert sorted(told(run)) == [(unit, "built") for unit in UNITS]


def test_a_unit_that_no_machine_gets_done_is_told_after_the_time_of_this_one(
    project, tmp_path, monkeypatch
):
    monkeypatch.setattr(workers, "do", hang)
    monkeypatch.setattr(workers, "SECONDS", 3)

    class Mostly(ThreadPoolExecutor):
        """Does all but the bad one."""

        def submit(self, work, settings, job):
            return Late() if job.file == f"{BAD}.xlsx" else super().submit(do, settings, job)

    with Mostly(2) as given:
        run = build(project, tmp_path.name, executor=given)

    assert codes(run) == [("E118", f"{BAD}.xlsx")]
    check_others(project, tmp_path.name)


class Gone(Executor):
    """Takes work and then goes away, as a cluster does whose scheduler ends."""

    def submit(self, *_args, **_more):
        future = Future()
        future.cancel()
        return future


def test_work_of_an_executor_that_is_gone_is_done_on_this_computer(project, tmp_path):
    run = build(project, tmp_path.name, executor=Gone())

    assert sorted(told(run)) == [(unit, "built") for unit in UNITS]


def test_large_workbooks_do_not_pile_up(project, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_HELD", 100_000)  # three of them
    waiting, most = set(), [0]

    class Counting(ThreadPoolExecutor):
        def submit(self, *args, **more):
            future = super().submit(*args, **more)
            waiting.add(future)
            most[0] = max(most[0], len(waiting))
            return future

    real = workers.Workers.result

    def taken(who, job, future):
        waiting.discard(future)
        return real(who, job, future)

    monkeypatch.setattr(workers.Workers, "result", taken)
    with Counting(2) as given:
        run = build(project, tmp_path.name, executor=given)

    assert told(run) == [(unit, "built") for unit in UNITS]
    assert most[0] <= 5


def test_where_no_process_can_be_started_the_work_is_done_all_the_same(
    project, tmp_path, monkeypatch
):
    def refused(_pool):
        raise StartError

    monkeypatch.setattr("reportgen.pool.Pool._started", refused)

    run = build(project, tmp_path.name)

    assert told(run) == [(unit, "built") for unit in UNITS]
    assert documents(project, tmp_path.name) == documents(project, "whole")


def test_a_check_of_many_units_survives_one_that_crashes(project, monkeypatch):
    monkeypatch.setattr(workers, "do", crash)

    run = check_all([project / "inputs"], Forms(project / "templates"))

    assert codes(run) == [("E119", f"{BAD}.xlsx")]
