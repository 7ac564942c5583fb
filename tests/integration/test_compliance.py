# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# The kernel's own judge of V4L2 devices, v4l2-compliance, on the whole device.

import os
import re
import sys

from world import execute, fovea, main, RUN, Skip, SOURCE

VERSION = '1.30.1'
TOOL = os.path.join(SOURCE, 'utils', 'lib', 'v4l-utils')

# Frames of each streaming test, of which there are six for each node.
FRAMES = 3

# In real time, a machine that is too slow for the ISP loses frames, which is a
# warning.
WORLD = ['--virtual-time']

# What this version counts on the kernel's vimc.
VIMC_TESTS = 591

VIMC_PADS = [
    '"Sensor A":0 [fmt:SBGGR8_1X8/640x480]',
    '"Debayer A":0 [fmt:SBGGR8_1X8/640x480]',
    '"Sensor B":0 [fmt:SBGGR8_1X8/640x480]',
    '"Debayer B":0 [fmt:SBGGR8_1X8/640x480]',
    '"Scaler":0 [fmt:RGB888_1X24/640x480]',
    '"Scaler":0 [crop:(100,50)/400x150]',
    '"Scaler":1 [fmt:RGB888_1X24/300x700]',
]

COUNTS = r'otal for (\S+) device (\S+): (\d+), Succeeded: (\d+), Failed: (\d+), Warnings: (\d+)$'
TOTAL = re.compile('^T' + COUNTS, re.M)
GRAND_TOTAL = re.compile('^Grand T' + COUNTS, re.M)


def need_tool():
    result = execute([TOOL, 'v4l2-compliance', '--version'])
    if f'v4l2-compliance {VERSION},' not in result.output:
        raise Skip(f'no v4l2-compliance {VERSION}: {result.errors.strip() or result.output.strip()}')


def complaints(output):
    """The lines of failures and warnings, each with its node."""
    found, node = [], ''
    for line in output.splitlines():
        if line.startswith('Compliance test for '):
            node = line.split()[-1].rstrip(':')
        for part in re.findall(r'(?:fail|warn): .*|test [^:]*: FAIL', line):
            found.append(f'{node}: {part}')
    return found


def comply(*options, world=WORLD, setup=''):
    """Run v4l2-compliance without a failure or warning; its totals and output."""
    script = f'{setup}\nexec "$0" v4l2-compliance "$@"'
    result = fovea(*world, '--', 'sh', '-e', '-c', script, TOOL, *options)
    totals = TOTAL.findall(result.output)
    assert totals, result
    for _, device, count, succeeded, failed, warnings in totals:
        assert (failed, warnings) == ('0', '0') and succeeded == count, '\n'.join(
            [f'{device}: {failed} of {count} failed, {warnings} warnings', *complaints(result.output)])
    assert result.status == 0 and 'skipping' not in result.output, result
    return totals, result.output


def graph_nodes():
    nodes = re.findall(r'device node name (\S+)', fovea('--', TOOL, 'media-ctl', '-p').output)
    assert nodes
    return nodes


def buffer_size(node):
    result = fovea('--', TOOL, 'v4l2-ctl', '-V', '-d', node)
    return sum(int(size) for size in re.findall(r'Size Image *: (\d+)', result.output))


def capture_nodes():
    """The nodes that fill buffers, with their kind: 'Video' or 'Metadata'."""
    nodes = {}
    for node in graph_nodes():
        if node.startswith('/dev/video'):
            result = fovea('--', TOOL, 'v4l2-ctl', '-D', '-d', node)
            match = re.search(r'Device Caps.*?\t\t(\w+) Capture', result.output, re.S)
            if match:
                nodes[node] = match.group(1)
    assert 'Video' in nodes.values() and 'Metadata' in nodes.values(), nodes
    return nodes


def grand_total(output):
    """Driver and number of tests of all nodes of a media device."""
    grand = GRAND_TOTAL.findall(output)
    assert len(grand) == 1, grand
    driver, _, count, succeeded, failed, warnings = grand[0]
    assert (succeeded, failed, warnings) == (count, '0', '0'), grand
    return driver, int(count)


def stream(node, **options):
    """All ways to stream from a node into buffers of its own; the number of tests."""
    totals, output = comply(f'-s{FRAMES}', '-d', node, **options)
    streams = re.findall(r'test (MMAP .*): OK$', output, re.M)
    assert len(streams) == 6, (streams, output)
    return totals[0][2]


def all_nodes_comply(directory):
    need_tool()
    totals, output = comply('-m', '/dev/media0')
    driver, count = grand_total(output)
    assert driver == 'fovea-isp'

    # The count is the sum over the nodes, of which none is missing.
    assert sum(int(total[2]) for total in totals) == count, totals
    assert sorted(total[1] for total in totals) == sorted(graph_nodes() + ['/dev/media0']), totals
    print(f'# v4l2-compliance -m /dev/media0: {len(totals)} nodes, {count} tests')


def streams_comply(directory):
    need_tool()
    for node, kind in capture_nodes().items():
        count = stream(node)
        print(f'# v4l2-compliance -s{FRAMES} -d {node} ({kind}): {count} tests')


def buffers_of_another_node_comply(directory):
    need_tool()
    # The pictures' buffers are the largest there are: any other node can use them.
    video = [node for node, kind in capture_nodes().items() if kind == 'Video']
    sizes = {node: buffer_size(node) for node in video}
    exporter = max(video[1:], key=sizes.get)
    assert sizes[exporter] >= sizes[video[0]], sizes
    _, output = comply(f'-s{FRAMES}', '-d', video[0], '-e', exporter)
    streams = re.findall(r'test (DMABUF .*): OK$', output, re.M)
    assert len(streams) == 2, (streams, output)


def vimc_complies_as_the_kernels(directory):
    need_tool()
    _, output = comply('-m', '/dev/media0', world=['--rig', 'vimc'])
    assert grand_total(output) == ('vimc', VIMC_TESTS)


def vimc_streams_comply(directory):
    need_tool()
    # The formats at first do not fit together, as in the kernel.
    setup = '\n'.join(f"\"$0\" media-ctl -V '{pad}'" for pad in VIMC_PADS)
    setup += """
        for node in /dev/video0 /dev/video1; do
            "$0" v4l2-ctl -d $node -v width=640,height=480,pixelformat=BA81
        done
        "$0" v4l2-ctl -d /dev/video2 -v width=300,height=700,pixelformat=RGB3
        """
    for node in ('/dev/video0', '/dev/video1', '/dev/video2'):
        count = stream(node, world=['--rig', 'vimc', *WORLD], setup=setup)
        print(f'# vimc: v4l2-compliance -s{FRAMES} -d {node}: {count} tests')


def vim2m_complies(directory):
    need_tool()
    world = ['--rig', 'vimc-vivid-vim2m', *WORLD]
    nodes = execute([RUN, *world, '--', TOOL, 'v4l2-ctl', '--list-devices']).output
    node = re.search(r'vim2m.*?(/dev/video\d+)', nodes, re.S).group(1)
    print(f'# vim2m: v4l2-compliance -s{FRAMES} -d {node}: {stream(node, world=world)} tests')


def vivid_complies(directory):
    need_tool()
    world = ['--rig', 'vimc-vivid-vim2m', *WORLD]
    _, output = comply('-m', '/dev/media1', world=world)
    driver, count = grand_total(output)
    assert driver == 'vivid'
    print(f'# vivid: v4l2-compliance -m /dev/media1: {count} tests')
    for node in ('/dev/video3', '/dev/video4'):
        print(f'# vivid: v4l2-compliance -s{FRAMES} -d {node}: {stream(node, world=world)} tests')


if __name__ == '__main__':
    sys.exit(main([
        all_nodes_comply,
        streams_comply,
        buffers_of_another_node_comply,
        vimc_complies_as_the_kernels,
        vimc_streams_comply,
        vim2m_complies,
        vivid_complies,
    ]))
