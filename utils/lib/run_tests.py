# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# Run meson's tests and count test cases: one line for each failure and skip,
# with its reason, and a plain last line.

import argparse
import os
import subprocess
import sys
import xml.etree.ElementTree as ET

# The suites that need neither libcamera nor processes of their own.
SANITIZED_SUITES = ['isp', 'sensor', 'v4l2', 'device', 'fuzz']


def run_meson(build, suites, sanitized):
    """Run 'meson test' in a build directory, return its JUnit report's path."""
    report = os.path.join(build, 'meson-logs', 'testlog.junit.xml')
    if os.path.exists(report):
        os.remove(report)

    command = ['meson', 'test', '-C', build, '--no-rebuild', '--print-errorlogs']
    for suite in suites:
        command += ['--suite', suite]

    environment = dict(os.environ)
    if sanitized:
        environment['ASAN_OPTIONS'] = 'detect_leaks=1:abort_on_error=0:exitcode=99'
        environment['UBSAN_OPTIONS'] = 'halt_on_error=1:print_stacktrace=1:exitcode=99'
        command += ['--timeout-multiplier', '4']

    status = subprocess.run(command, env=environment).returncode
    return report, status


def text_of(element):
    """The reason that a report gives in a failure or skip element."""
    words = (element.get('message') or '') + ' ' + (element.text or '')
    return ' '.join(words.split())


def skip_reason(case, skipped):
    """Programs that exit with 77 give the reason in their last line."""
    reason = text_of(skipped)
    if reason:
        return reason
    output = case.findtext('system-out') or case.findtext('system-err') or ''
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else 'no reason given'


def read_report(path, label, results):
    for suite in ET.parse(path).getroot().iter('testsuite'):
        for case in suite.findall('testcase'):
            name = f"{label}{suite.get('name')}: {case.get('name')}"
            skipped = case.find('skipped')
            failure = case.find('failure')
            if failure is None:
                failure = case.find('error')
            if failure is not None:
                results['failed'].append((name, text_of(failure)[:300]))
            elif skipped is not None:
                results['skipped'].append((name, skip_reason(case, skipped)))
            else:
                results['passed'].append((name, ''))


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
        report, status = run_meson(build, suites, bool(label))
        if not os.path.exists(report):
            results['failed'].append((f'{label}meson test', f'no report, exit status {status}'))
            continue
        failed_before = len(results['failed'])
        read_report(report, label, results)
        # A crash may leave no test case behind: meson's own verdict counts.
        if status and len(results['failed']) == failed_before:
            results['failed'].append((f'{label}meson test', f'exit status {status}'))

    for verdict in ('skipped', 'failed'):
        for name, reason in results[verdict]:
            print(f'{verdict}: {name}: {reason}')

    print(', '.join(f'{len(results[verdict])} {verdict}'
                    for verdict in ('passed', 'failed', 'skipped')))
    return 1 if results['failed'] or not results['passed'] else 0


if __name__ == '__main__':
    sys.exit(main())
