#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# A test that is skipped, with a reason.

echo "$*"
exit 77
