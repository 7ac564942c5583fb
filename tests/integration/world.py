# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# What the integration tests share: commands in the world of the virtual camera,
# pictures, and test results in the TAP format (testanything.org).

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

import numpy

BUILD = os.environ['FOVEA_BUILD_ROOT']
SOURCE = os.environ['FOVEA_SOURCE_ROOT']
DATA = os.environ.get('FOVEA_DATA_PATH', os.path.join(SOURCE, '..', 'shared', 'data'))
RUN = os.path.join(BUILD, 'fovea-run')
TUNE = os.path.join(BUILD, 'fovea-tune')

sys.path.append(os.path.join(SOURCE, 'utils', 'lib'))
import sandbox  # noqa: E402

os.environ.update(sandbox.environment(BUILD, lambda line: print(f'# {line}')))

# A hang is a failure; nothing here takes longer on a slow machine.
TIMEOUT = 120


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


class Result:
    def __init__(self, process, output, errors):
        self.status = process.returncode
        self.output = output
        self.errors = errors

    def __str__(self):
        return f'status {self.status}\n{self.output[-2000:]}\n{self.errors[-4000:]}'


def start(command, **options):
    """Start a command in a process group of its own."""
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, start_new_session=True, **options)


def finish(process, timeout=TIMEOUT):
    """Wait for a command; one that hangs is killed with its children."""
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        raise AssertionError(f'{process.args} hangs\n{output[-2000:]}\n{errors[-4000:]}')
    return Result(process, output, errors)


def execute(command, timeout=TIMEOUT, **options):
    return finish(start(command, **options), timeout)


def fovea(*arguments, timeout=TIMEOUT, **options):
    """Run 'fovea-run ARGUMENTS'."""
    return execute([RUN, *arguments], timeout, **options)


def need_data():
    if not os.path.isdir(os.path.join(DATA, 'raw')):
        raise Skip(f'no recorded raw frames at {DATA}')


def need_command(name):
    if not shutil.which(name):
        raise Skip(f'{name} is not installed')


def read_ppm(path):
    """An 8-bit P6 file as an array of height, width, 3."""
    with open(path, 'rb') as file:
        data = file.read()
    fields, position = [], 0
    while len(fields) < 4:
        end = position
        while not data[end:end + 1].isspace():
            end += 1
        fields.append(data[position:end])
        position = end + 1
    assert fields[0] == b'P6' and fields[3] == b'255', fields
    width, height = int(fields[1]), int(fields[2])
    pixels = numpy.frombuffer(data, numpy.uint8, width * height * 3, position)
    return pixels.reshape(height, width, 3)


def read_png(path):
    """A PNG file as an array of height, width, 3."""
    need_command('convert')
    with tempfile.NamedTemporaryFile(suffix='.ppm') as ppm:
        subprocess.run(['convert', path, '-depth', '8', f'ppm:{ppm.name}'], check=True)
        return read_ppm(ppm.name)


def children(pid):
    """Process identifiers of all descendants of a process."""
    parents = {}
    for entry in os.listdir('/proc'):
        if not entry.isdigit():
            continue
        try:
            with open(f'/proc/{entry}/stat') as file:
                fields = file.read().rsplit(')', 1)[1].split()
            parents.setdefault(int(fields[1]), []).append(int(entry))
        except OSError:
            pass
    found, queue = [], [pid]
    while queue:
        for child in parents.get(queue.pop(), []):
            found.append(child)
            queue.append(child)
    return found


def program_of(pid):
    try:
        return os.path.basename(os.readlink(f'/proc/{pid}/exe'))
    except OSError:
        return ''


def main(tests):
    """Run test functions, print TAP, return the exit status."""
    wanted = sys.argv[1:]
    tests = [test for test in tests if not wanted or test.__name__ in wanted]
    print(f'1..{len(tests)}')
    failed = False
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace('_', ' ')
        with tempfile.TemporaryDirectory(prefix='fovea-test-') as directory:
            try:
                test(directory)
                print(f'ok {number} - {name}', flush=True)
            except Skip as skip:
                print(f'ok {number} - {name} # SKIP {skip}', flush=True)
            except Exception:
                failed = True
                for line in traceback.format_exc().splitlines():
                    print(f'# {line}')
                print(f'not ok {number} - {name}', flush=True)
    return 1 if failed else 0
