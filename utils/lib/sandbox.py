# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# What is needed to run IPA modules on a machine that lacks a layer of the sandbox.

import os
import subprocess

# Exit status of a launcher that would refuse to run a module.
REFUSED = 78


def environment(build, say):
    """
    Variables for commands that run an IPA module. Where the sandbox is not complete,
    it refuses modules; tests and demonstration then use the opt-out for development, and say so.
    """
    launcher = os.path.join(build, 'src/ipa/fovea/sandbox/fovea_ipa_cage')
    if 'FOVEA_SANDBOX' in os.environ or not os.path.exists(launcher):
        return {}

    check = subprocess.run([launcher, '--check'], capture_output=True, text=True)
    if check.returncode != REFUSED:
        return {}
    for line in check.stderr.splitlines():
        say(line)
    say('this machine lacks a layer of the sandbox: all that follows has FOVEA_SANDBOX=relaxed')
    return {'FOVEA_SANDBOX': 'relaxed'}
