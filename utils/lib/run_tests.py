# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# Run meson's tests and count test cases: one line for each failure and skip,
# with its reason, and a plain last line.

import argparse
import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET

import libcamera_tests
import sandbox

# The suites that need no libcamera.
SANITIZED_SUITES = ['isp', 'sensor', 'v4l2', 'device', 'sandbox', 'fuzz']

SANITIZER_OPTIONS = {
    'ASAN_OPTIONS': 'detect_leaks=1:abort_on_error=0:exitcode=99',
    'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1:exitcode=99',
}

SANITIZER_REPORT = re.compile(r'ERROR: \w+Sanitizer|runtime error:')

# '[0:19:43.185504781] [25973]  INFO Camera camera_manager.cpp:340 ...'
LIBCAMERA_LOG = re.compile(r'\[\d+:\d\d:\d\d\.\d+\] \[\d+\] +[A-Z]+ ')

# The last lines of Python's unittest: 'Ran 7 tests in 0.047s', 'FAILED (failures=3)'
UNITTEST_SUMMARY = re.compile(r'^(Ran \d+ tests?) in .*\n\n(OK|FAILED)(?: \((.*)\))?$', re.MULTILINE)

# Longer reasons are cut; meson has printed the whole output before.
REASON_LENGTH = 300


@dataclasses.dataclass
class Run:
    """One call of 'meson test'."""
    build: str
    suites: list
    label: str = ''
    options: list = dataclasses.field(default_factory=list)
    environment: dict = dataclasses.field(default_factory=dict)
    log: str = 'testlog'


def introspect(build):
    """What meson knows of the tests of a build directory."""
    return json.loads(subprocess.run(['meson', 'introspect', '--tests', build],
                                     check=True, stdout=subprocess.PIPE).stdout)


def remove_reports(run):
    """
    Remove the reports of earlier runs: meson reads what it finds, also when the
    program crashed before it wrote a new one. Return the names that two
    GoogleTest programs share, as these overwrite each other's report.
    """
    log = os.path.join(run.build, 'meson-logs', run.log)
    paths = [log + '.json', log + '.junit.xml']

    projects = {suite.split(':')[0] for suite in run.suites}
    reports = [os.path.join(test['workdir'] or run.build, test['name'] + '.xml')
               for test in introspect(run.build)
               if test['protocol'] == 'gtest' and test['suite'][0].split(':')[0] in projects]

    for path in paths + reports:
        if os.path.exists(path):
            os.remove(path)
    return sorted({os.path.basename(path)[:-len('.xml')]
                   for path in reports if reports.count(path) > 1})


def run_meson(run):
    """Run 'meson test' in a build directory, return its exit status."""
    command = ['meson', 'test', '-C', run.build, '--no-rebuild', '--print-errorlogs', *run.options]
    for suite in run.suites:
        command += ['--suite', suite]

    relaxed = sandbox.environment(run.build, lambda line: print(f'test: {line}'))
    variables = {**os.environ, **run.environment, **relaxed}
    return subprocess.run(command, env=variables).returncode


def shorten(text):
    text = re.sub(r'\x1b\[[0-9;]*m', '', text)
    return ' '.join(text.split())[:REASON_LENGTH]


def gtest_reason(element):
    """GoogleTest says 'file:line', and then the text of the test on new lines."""
    lines = (element.get('message') or element.text or '').splitlines()
    if element.tag == 'skipped' and lines and re.search(r':\d+$', lines[0]):
        lines = lines[1:]
    return shorten(' '.join(lines))


def tap_failure(suite, case):
    """The last comment before the 'not ok' line, where the exception's text is."""
    number = (case.get('name') or '').split(' ')[0]
    comment = ''
    for line in (suite.findtext('system-out') or '').splitlines():
        if re.match(rf'not ok {number}\b', line):
            break
        if line.startswith('#'):
            comment = line[1:]
        elif line.startswith(('ok ', 'not ok ')):
            comment = ''
    return shorten(comment)


def read_case(suite, case):
    """Verdict and reason of one test case of a GoogleTest or TAP program."""
    failures = case.findall('failure') + case.findall('error')
    skipped = case.find('skipped')
    if failures:
        reason = gtest_reason(failures[0]) or tap_failure(suite, case)
        return 'failed', reason or 'no reason given'
    if skipped is not None:
        reason = gtest_reason(skipped) or shorten(case.findtext('system-out') or '')
        return 'skipped', reason or 'no reason given'
    if case.get('status') == 'notrun':
        return 'skipped', 'disabled in the source'
    return 'passed', ''


def read_cases(path):
    """
    Test cases by the name of their program, from meson's JUnit report. Programs
    without cases of their own are left out: meson 1.0 reports a timeout of
    these as a success there.
    """
    # Test output may hold characters that XML does not allow.
    with open(path, 'rb') as file:
        text = re.sub(rb'[\x00-\x08\x0b\x0c\x0e-\x1f]', b'?', file.read())

    cases = {}
    for suite in ET.fromstring(text).iter('testsuite'):
        # 'project.project:suite / program', GoogleTest adds '.its own suite'.
        match = re.match(r'[^.]+\.(.+? / [^.]+)(?:\.(.*))?$', suite.get('name'))
        if not match:
            continue
        for case in suite.findall('testcase'):
            name = case.get('name')
            if match[2]:
                name = f'{match[2]}.{name}'
            cases.setdefault(match[1], []).append((name, *read_case(suite, case)))
    return cases


def last_words(record, logs=True):
    """
    What a program without cases says: a sanitizer's finding or the last line. What
    the library logs counts only if the program says nothing itself and if logs is set.
    """
    lines = [line for stream in ('stdout', 'stderr')
             for line in (record.get(stream) or '').splitlines() if line.strip()]
    findings = [line for line in lines if SANITIZER_REPORT.search(line)]
    if findings:
        return shorten(findings[0])

    own = [line for line in lines if not LIBCAMERA_LOG.match(line)]
    if logs:
        own = own or lines
    return shorten(LIBCAMERA_LOG.sub('', own[-1])) if own else ''


def unittest_verdict(record):
    """
    Verdict and reason of a script with Python's unittest. Its exit status says
    nothing if it calls unittest.main(exit=False).
    """
    summary = UNITTEST_SUMMARY.search(record.get('stderr') or '')
    if not summary:
        return 'passed', ''
    count, end, details = summary.groups()
    if end == 'FAILED':
        return 'failed', f'{count}: {details}'
    if details:
        return 'skipped', f'{count}: {details}'
    return 'passed', ''


def describe_end(record):
    """How a program failed, in words."""
    status = record['returncode']
    if record['result'] == 'TIMEOUT':
        end = f"timeout after {record['duration']:.0f} s"
    elif status < 0:
        end = f'killed by {signal.Signals(-status).name}'
    else:
        end = f"{record['result'].lower()}, exit status {status}"
    words = last_words(record)
    return f'{end}: {words}' if words else end


def read_program(record, cases):
    """All cases of one program, and the program itself if more went wrong."""
    result = record['result']
    if result == 'EXPECTEDFAIL':
        return cases or [('', 'passed', 'it is meant to fail')]
    if result == 'OK':
        return cases or [('', *unittest_verdict(record))]
    if result == 'SKIP':
        # Either all cases, or the exit status 77, or a TAP plan '1..0 # SKIP why'.
        words = re.sub(r'^1\.\.0\s*(# *SKIP\S*)?\s*', '', last_words(record, False), flags=re.IGNORECASE)
        return cases or [('', 'skipped', words or libcamera_tests.NO_REASON)]

    explained = any(verdict == 'failed' for _, verdict, _ in cases)
    if explained and result != 'TIMEOUT':
        return cases
    return cases + [('', 'failed', describe_end(record))]


def collect(run, status):
    """Verdicts of all programs of one run: (name, verdict, reason)."""
    log = os.path.join(run.build, 'meson-logs', run.log)
    try:
        cases = read_cases(log + '.junit.xml')
        with open(log + '.json', encoding='utf-8') as file:
            records = [json.loads(line) for line in file if line.strip()]
    except FileNotFoundError:
        return [('meson test', 'failed',
                 f"exit status {status}, no test ran: see 'utils/test --list' for the suites")]
    except (OSError, ValueError, ET.ParseError) as error:
        return [('meson test', 'failed', f'exit status {status}, no report: {error}')]

    found = []
    for record in records:
        program = record['name'].split(':', 1)[-1]
        for name, verdict, reason in read_program(record, cases.get(record['name'], [])):
            found.append((f'{program}: {name}' if name else program, verdict, reason))

    if status and not any(verdict == 'failed' for _, verdict, _ in found):
        found.append(('meson test', 'failed', f'exit status {status}'))
    return found


def plan(build, sanitized, suites):
    """The calls of 'meson test' for the suites that are asked for; none: for all."""
    libcamera = [suite for suite in suites if libcamera_tests.is_suite(suite)]
    fovea = [suite for suite in suites if suite not in libcamera]

    runs = []
    if fovea or not suites:
        # libcamera has suites of the same names.
        runs.append(Run(build, [f'fovea:{suite}' for suite in fovea] or ['fovea']))
    if libcamera or not suites:
        runs.append(Run(build, libcamera or [libcamera_tests.PROJECT],
                        options=libcamera_tests.OPTIONS, log=libcamera_tests.LOG))
    if sanitized:
        wanted = [f'fovea:{suite}' for suite in SANITIZED_SUITES if suite in fovea or not suites]
        if wanted:
            runs.append(Run(sanitized, wanted, 'sanitized ', ['--timeout-multiplier', '4'],
                            SANITIZER_OPTIONS))
    return runs


def main():
    parser = argparse.ArgumentParser(description='Run and count the tests.')
    parser.add_argument('--build', required=True)
    parser.add_argument('--sanitized')
    parser.add_argument('--suite', action='append', default=[])
    arguments = parser.parse_args()

    results = {'passed': [], 'failed': [], 'skipped': []}
    tables = []
    for run in plan(arguments.build, arguments.sanitized, arguments.suite):
        for name in remove_reports(run):
            results['failed'].append((name, 'two GoogleTest programs have this name in '
                                      'meson.build and overwrite each other\'s report: rename one'))
        status = run_meson(run)
        found = collect(run, status)
        if run.log == libcamera_tests.LOG:
            found = libcamera_tests.in_order(found, introspect(run.build), run.suites)
            tables.append(libcamera_tests.table(found))
        for name, verdict, reason in found:
            results[verdict].append((run.label + name, reason))

    for verdict in ('skipped', 'failed'):
        for name, reason in results[verdict]:
            print(f'{verdict}: {name}: {reason}')
    for table in tables:
        print(table)

    print(', '.join(f'{len(results[verdict])} {verdict}'
                    for verdict in ('passed', 'failed', 'skipped')))
    return 1 if results['failed'] or not results['passed'] else 0


if __name__ == '__main__':
    sys.exit(main())
