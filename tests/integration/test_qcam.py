# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# The unmodified qcam shows the live picture: a screenshot holds the frame that
# cam takes of the same scene.

import os
import signal
import subprocess
import sys
import time

import numpy

from world import fovea, main, need_command, read_png, read_ppm, start, finish, RUN

# qcam asks which one where there is more than one camera.
CAMERA = '/base/soc/i2c0/imx219@10'

# Small enough that qcam shows it pixel by pixel on the screen below.
SIZE = 'width=640,height=360'


def start_display(directory):
    """An X server of our own; it picks a free display number."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ['Xvfb', '-displayfd', str(write_end), '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'],
        pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    # The whole line: a pipe that closes before its end kills the server.
    with os.fdopen(read_end) as pipe:
        number = pipe.readline().strip()
    assert number, 'Xvfb does not start'
    return server, f':{number}'


def find(picture, screen):
    """Where a grey picture lies in a larger one, by cross-correlation."""
    height, width = screen.shape
    spectrum = numpy.fft.rfft2(screen - screen.mean())
    pattern = numpy.fft.rfft2(picture - picture.mean(), s=screen.shape)
    match = numpy.fft.irfft2(spectrum * numpy.conj(pattern), s=screen.shape)
    rows = height - picture.shape[0] + 1
    columns = width - picture.shape[1] + 1
    return numpy.unravel_index(match[:rows, :columns].argmax(), (rows, columns))


def grey(picture):
    return picture.astype(float).mean(axis=2)


def shows_the_live_picture(directory):
    need_command('Xvfb')
    need_command('import')

    taken = fovea('--virtual-time', '--', 'cam', '-c', '1', '-s', f'role=viewfinder,{SIZE}',
                  '--capture=40', f'--file={directory}/frame-#.ppm')
    assert taken.status == 0, taken
    frame = read_ppm(f'{directory}/frame-cam0-stream0-000039.ppm')

    server, display = start_display(directory)
    try:
        environment = dict(os.environ, DISPLAY=display, QT_QPA_PLATFORM='xcb')
        process = start([RUN, '--', 'qcam', '-c', CAMERA, '-s', f'role=viewfinder,{SIZE}'],
                        env=environment)
        seen = 'nothing'
        # The picture appears once the first frames are there; until 3A has
        # settled it is the same picture in other light.
        for attempt in range(30):
            time.sleep(1)
            assert process.poll() is None, finish(process)
            shot = f'{directory}/shot.png'
            subprocess.run(['import', '-window', 'root', shot], env=environment, check=True)
            screen = read_png(shot)
            top, left = find(grey(frame), grey(screen))
            shown = screen[top:top + frame.shape[0], left:left + frame.shape[1]]
            if shown.std() <= 1:
                continue
            correlation = numpy.corrcoef(grey(shown).ravel(), grey(frame).ravel())[0, 1]
            difference = numpy.abs(shown.astype(float) - frame).mean()
            seen = f'correlation {correlation:.3f}, mean difference {difference:.1f}'
            if correlation > 0.99 and difference < 6:
                break
        else:
            raise AssertionError(f'the screen does not show the frame: {seen}')
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            finish(process, 30)
        server.terminate()
        server.wait()


if __name__ == '__main__':
    sys.exit(main([shows_the_live_picture]))
