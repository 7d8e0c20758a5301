"""Processes that call functions: one that dies or never ends costs its own call and no other."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from reportgen.pool import DiedError, Pool, StartError


def nothing():
    pass


def double(n):
    return 2 * n


def pid():
    return os.getpid()


def sleep(seconds):
    time.sleep(seconds)


def end():
    os._exit(7)


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


def raise_what_is_no_exception():
    raise KeyboardInterrupt


def fill_the_pipe_and_die():
    """Die while half of the answer is sent."""
    threading.Timer(0.2, kill_itself).start()
    return b"x" * (200 << 20)


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def pool():
    made = Pool(2, 60, nothing)
    yield made
    made.close()


def test_calls_are_answered_by_as_many_processes_as_there_may_be(pool):
    futures = [pool.submit(double, n) for n in range(50)]

    assert [future.result() for future in futures] == list(range(0, 100, 2))
    assert len({pool.submit(pid).result() for _ in range(20)} - {os.getpid()}) <= 2


@pytest.mark.parametrize(
    "death", [end, kill_itself, raise_what_is_no_exception, fill_the_pipe_and_die]
)
def test_a_process_that_dies_costs_its_own_call_alone(pool, death):
    before = [pool.submit(double, n) for n in range(20)]
    dead = pool.submit(death)
    after = [pool.submit(double, n) for n in range(20)]

    with pytest.raises(DiedError):
        dead.result()
    assert [future.result() for future in before + after] == [*range(0, 40, 2)] * 2


def test_a_process_that_is_killed_between_two_calls_costs_none(pool):
    process = pool.submit(pid).result()
    os.kill(process, signal.SIGKILL)
    time.sleep(0.2)

    assert pool.submit(double, 2).result() == 4


def test_a_call_that_takes_too_long_is_ended_with_its_process_and_no_other():
    pool = Pool(2, 1, nothing)
    process = pool.submit(pid).result()
    late = pool.submit(sleep, 100)
    others = [pool.submit(double, n) for n in range(20)]

    assert [future.result() for future in others] == list(range(0, 40, 2))
    with pytest.raises(TimeoutError):
        late.result()
    assert not is_there(process)
    pool.close()


def test_closing_ends_what_is_still_at_work_and_leaves_no_process_behind(pool):
    process = pool.submit(pid).result()
    late = pool.submit(sleep, 100)
    waiting = [pool.submit(sleep, 100) for _ in range(5)]
    while not late.running():
        time.sleep(0.01)

    pool.close()

    assert isinstance(late.exception(), DiedError)
    assert all(
        one.cancelled() or isinstance(one.exception(), (DiedError, StartError)) for one in waiting
    )
    assert not is_there(process)


def test_where_no_process_can_begin_the_call_says_so():
    pool = Pool(2, 60, end)

    with pytest.raises(StartError):
        pool.submit(double, 1).result()
    pool.close()


def test_a_script_without_a_guard_is_not_run_again_by_each_process(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from reportgen.pool import Pool\n"
        "from operator import neg\n"
        "print('begun', flush=True)\n"
        "pool = Pool(2, 60, print)\n"
        "print(pool.submit(neg, 1).result())\n"
        "pool.close()\n"
    )

    done = subprocess.run(
        [sys.executable, script], check=False, capture_output=True, text=True, timeout=60
    )

    assert done.stdout.split() == ["begun", "-1"]
    assert done.stderr == ""
