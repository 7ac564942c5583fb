/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arithmetic with the same bits on every machine
 */

#pragma once

namespace fovea::sensor::exact {

double exp(double x);
double log(double x);
double pow(double x, double y);
double cos(double x);

} /* namespace fovea::sensor::exact */
