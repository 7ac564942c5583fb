# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# Hostile IPA modules in the worker of a stream: none of them reaches anything, and
# the unmodified cam gets every frame all the same.
#
# With --table, all modules run in real time and a table is printed, for
# docs/sandbox.md.

import collections
import os
import re
import shutil
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration'))

from world import BUILD, Skip, fovea, main  # noqa: E402

FRAMES = 20
TABLE_FRAMES = 60

# What each callback's end shows is the same; the tests try these, --table all.
CALLBACKS = ['load', 'create', 'init', 'configure', 'start', 'queueRequest', 'computeParams',
             'processStats', 'stop', 'destructor']
TALK = ['duplicates', 'past', 'future', 'malformed', 'empty', 'huge', 'descriptors', 'hangup',
        'flood', 'log']

Outcome = collections.namedtuple('Outcome', 'result frames longest_gap')


def install(directory, source, name):
    """A copy of a module under the name that tells it what to do."""
    path = os.path.join(directory, f'{name}.so')
    shutil.copy(os.path.join(BUILD, 'tests', 'sandbox', f'libhostile_{source}.so'), path)
    return path


def stream(directory, source, name, clock=('--virtual-time',), frames=FRAMES):
    """Capture with a module in the worker."""
    module = install(directory, source, name)
    result = fovea('--rig', 'single', *clock, '--', 'cam', '-c', '1', f'--capture={frames}',
                   '-s', 'role=viewfinder,width=640,height=360',
                   env={**os.environ, 'LIBCAMERA_FOVEA_IPA_MODULE': module})
    sequences = [int(number) for number in re.findall(r'seq: (\d+)', result.output)]
    gaps = [after - before - 1 for before, after in zip(sequences, sequences[1:])]
    return Outcome(result, len(sequences), max(gaps, default=0))


def expect_all_frames(outcome):
    assert outcome.result.status == 0, outcome.result
    assert outcome.frames == FRAMES, f'{outcome.frames} frames\n{outcome.result}'


def expect_clean_end(outcome):
    """A module that never comes up may cost the camera, not the application."""
    assert 0 <= outcome.result.status < 126, outcome.result
    assert outcome.frames == FRAMES or 'ERROR' in outcome.result.errors, outcome.result


def need_whole_sandbox():
    if 'FOVEA_SANDBOX' in os.environ:
        raise Skip('the sandbox is not complete here, or FOVEA_SANDBOX is set')


def no_way_out_is_open(directory):
    need_whole_sandbox()
    outcome = stream(directory, 'escape', 'escape')
    expect_all_frames(outcome)

    attempts = re.findall(r'hostile: (\w+): (.+): (\w+)', outcome.result.errors)
    for when in ('loading', 'init', 'start', 'frame'):
        tried = {what for stage, what, _ in attempts if stage == when}
        assert len(tried) > 50, f'{len(tried)} attempts {when}\n{outcome.result}'
    succeeded = [attempt for attempt in attempts if attempt[2] == 'SUCCESS']
    assert not succeeded, succeeded
    assert not os.path.exists('/tmp/fovea-written-by-a-module')


def death_in_mid_stream_costs_no_frame(directory):
    for callback in ('configure', 'start', 'queueRequest', 'computeParams', 'processStats', 'stop'):
        expect_all_frames(stream(directory, 'fall', f'die-{callback}'))


def death_at_both_ends_harms_nobody(directory):
    for callback in ('load', 'create', 'init', 'destructor'):
        expect_clean_end(stream(directory, 'fall', f'die-{callback}'))


def hang_in_mid_stream_costs_no_frame(directory):
    for name in ('spin-computeParams', 'sleep-processStats', 'sleep-stop'):
        expect_all_frames(stream(directory, 'fall', name))


def hang_in_init_harms_nobody(directory):
    expect_clean_end(stream(directory, 'fall', 'sleep-init'))


def scribbling_costs_no_frame(directory):
    expect_all_frames(stream(directory, 'scribble', 'scribble'))


def allocation_without_end_costs_no_frame(directory):
    expect_all_frames(stream(directory, 'allocate', 'allocate'))


def wrong_messages_cost_no_frame(directory):
    for what in TALK:
        expect_all_frames(stream(directory, 'talk', f'talk-{what}'))


def print_table(directory):
    """Run every module in real time and say what it did to the stream."""
    modules = [('fall', 'well-behaved'), ('escape', 'escape'), ('scribble', 'scribble'),
               ('allocate', 'allocate')]
    modules += [('talk', f'talk-{what}') for what in TALK]
    modules += [('fall', f'{how}-{callback}') for how in ('die', 'spin', 'sleep')
                for callback in CALLBACKS]
    print(f'| module | status of cam | frames of {TABLE_FRAMES} | longest stall, in frames |\n'
          '|---|---|---|---|')
    for source, name in modules:
        outcome = stream(directory, source, name, clock=(), frames=TABLE_FRAMES)
        print(f'| {name} | {outcome.result.status} | {outcome.frames} | {outcome.longest_gap} |',
              flush=True)


if __name__ == '__main__':
    if sys.argv[1:] == ['--table']:
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            print_table(folder)
        sys.exit(0)

    sys.exit(main([
        no_way_out_is_open,
        death_in_mid_stream_costs_no_frame,
        death_at_both_ends_harms_nobody,
        hang_in_mid_stream_costs_no_frame,
        hang_in_init_harms_nobody,
        scribbling_costs_no_frame,
        allocation_without_end_costs_no_frame,
        wrong_messages_cost_no_frame,
    ]))
