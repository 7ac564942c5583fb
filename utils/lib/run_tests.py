# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# Run meson's tests and count test cases: one line for each failure and skip,
# with its reason, and a plain last line.

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET

# The suites that need neither libcamera nor processes of their own.
SANITIZED_SUITES = ['isp', 'sensor', 'v4l2', 'device', 'fuzz']

SANITIZER_OPTIONS = {
    'ASAN_OPTIONS': 'detect_leaks=1:abort_on_error=0:exitcode=99',
    'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1:exitcode=99',
}

SANITIZER_REPORT = re.compile(r'ERROR: \w+Sanitizer|runtime error:')

# Longer reasons are cut; meson has printed the whole output before.
REASON_LENGTH = 300


def remove_reports(build):
    """
    Remove the reports of earlier runs: meson reads what it finds, also when the
    program crashed before it wrote a new one. Return the names that two
    GoogleTest programs share, as these overwrite each other's report.
    """
    logs = os.path.join(build, 'meson-logs')
    paths = [os.path.join(logs, 'testlog.json'), os.path.join(logs, 'testlog.junit.xml')]

    tests = json.loads(subprocess.run(['meson', 'introspect', '--tests', build],
                                      check=True, stdout=subprocess.PIPE).stdout)
    reports = [os.path.join(test['workdir'] or build, test['name'] + '.xml')
               for test in tests if test['protocol'] == 'gtest']

    for path in paths + reports:
        if os.path.exists(path):
            os.remove(path)
    return sorted({os.path.basename(path)[:-len('.xml')]
                   for path in reports if reports.count(path) > 1})


def run_meson(build, suites, sanitized):
    """Run 'meson test' in a build directory, return its exit status."""
    command = ['meson', 'test', '-C', build, '--no-rebuild', '--print-errorlogs']
    for suite in suites:
        command += ['--suite', suite]

    environment = dict(os.environ)
    if sanitized:
        environment.update(SANITIZER_OPTIONS)
        command += ['--timeout-multiplier', '4']

    return subprocess.run(command, env=environment).returncode


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


def last_words(record):
    """What a program without cases says: a sanitizer's finding or the last line."""
    lines = [line for stream in ('stdout', 'stderr')
             for line in (record.get(stream) or '').splitlines() if line.strip()]
    findings = [line for line in lines if SANITIZER_REPORT.search(line)]
    if findings:
        return shorten(findings[0])
    return shorten(lines[-1]) if lines else ''


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
    if result in ('OK', 'EXPECTEDFAIL'):
        return cases or [('', 'passed', '')]
    if result == 'SKIP':
        # Either all cases, or the exit status 77, or a TAP plan '1..0 # SKIP why'.
        words = re.sub(r'^1\.\.0\s*(# *SKIP\S*)?\s*', '', last_words(record), flags=re.IGNORECASE)
        return cases or [('', 'skipped', words or 'no reason given')]

    explained = any(verdict == 'failed' for _, verdict, _ in cases)
    if explained and result != 'TIMEOUT':
        return cases
    return cases + [('', 'failed', describe_end(record))]


def collect(build, status):
    """Verdicts of all programs of one run: (name, verdict, reason)."""
    logs = os.path.join(build, 'meson-logs')
    try:
        cases = read_cases(os.path.join(logs, 'testlog.junit.xml'))
        with open(os.path.join(logs, 'testlog.json'), encoding='utf-8') as file:
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


def main():
    parser = argparse.ArgumentParser(description='Run and count the tests.')
    parser.add_argument('--build', required=True)
    parser.add_argument('--sanitized')
    parser.add_argument('--suite', action='append', default=[])
    arguments = parser.parse_args()

    runs = [(arguments.build, arguments.suite, '')]
    if arguments.sanitized:
        suites = [s for s in SANITIZED_SUITES
                  if not arguments.suite or s in arguments.suite]
        if suites:
            runs.append((arguments.sanitized, suites, 'sanitized '))

    results = {'passed': [], 'failed': [], 'skipped': []}
    for build, suites, label in runs:
        for name in remove_reports(build):
            results['failed'].append((name, 'two GoogleTest programs have this name in '
                                      'meson.build and overwrite each other\'s report: rename one'))
        status = run_meson(build, suites, bool(label))
        for name, verdict, reason in collect(build, status):
            results[verdict].append((label + name, reason))

    for verdict in ('skipped', 'failed'):
        for name, reason in results[verdict]:
            print(f'{verdict}: {name}: {reason}')

    print(', '.join(f'{len(results[verdict])} {verdict}'
                    for verdict in ('passed', 'failed', 'skipped')))
    return 1 if results['failed'] or not results['passed'] else 0


if __name__ == '__main__':
    sys.exit(main())
