# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# The rules of the architecture: who includes whom, and an unmodified libcamera.

import glob
import os
import re
import sys
import tarfile

from world import main, Skip, SOURCE

# Folder below src/, and what its files must not include.
BORDERS = {
    'pipeline': r'isp_sim',
    'ipa': r'isp_sim',
    'isp_sim/isp': r'isp_sim/(sensor|v4l2|device|server|preload)|libcamera/|media\.h',
    'isp_sim/sensor': r'isp_sim/(isp|v4l2|device|server|preload)|libcamera/|videodev2|media\.h',
    'isp_sim/v4l2': r'isp_sim/(isp|sensor|device|server|preload)|libcamera/|fovea-isp\.h',
    'isp_sim/device': r'isp_sim/(server|preload)|libcamera/',
    'isp_sim/server': r'isp_sim/preload|libcamera/|fovea-isp\.h',
    'isp_sim/preload': r'isp_sim/(isp|sensor|v4l2|device)|libcamera/|fovea-isp\.h',
}


def includes_keep_to_the_borders(directory):
    wrong = []
    for folder, forbidden in BORDERS.items():
        files = [path for suffix in ('h', 'cpp') for path in
                 glob.glob(f'{SOURCE}/src/{folder}/**/*.{suffix}', recursive=True)]
        assert files, folder
        for path in files:
            with open(path) as file:
                for number, line in enumerate(file, 1):
                    include = re.match(r'\s*#\s*include\s*[<"]([^">]+)', line)
                    if include and re.search(forbidden, include.group(1)):
                        wrong.append(f'{path}:{number}: {line.strip()}')
    assert not wrong, '\n'.join(wrong)


def libcamera_is_the_release(directory):
    """Every file of the pinned tarball, and no other, is in the subproject."""
    tarballs = glob.glob(os.path.join(SOURCE, '..', 'shared', 'cache', 'libcamera_*.orig.tar.gz'))
    if not tarballs:
        raise Skip('no tarball of the release here to compare with')

    tree = os.path.join(SOURCE, 'subprojects', 'libcamera')
    known = {'.tarball-version', '.meson-subproject-wrap-hash.txt'}
    with tarfile.open(tarballs[0]) as archive:
        for member in archive:
            name = member.name.split('/', 1)[-1]
            known.add(name)
            if member.isfile():
                with open(os.path.join(tree, name), 'rb') as file:
                    assert file.read() == archive.extractfile(member).read(), name

    present = {os.path.relpath(os.path.join(folder, name), tree)
               for folder, _, names in os.walk(tree) for name in names
               if '__pycache__' not in folder}
    assert present <= known, sorted(present - known)


if __name__ == '__main__':
    sys.exit(main([
        includes_keep_to_the_borders,
        libcamera_is_the_release,
    ]))
