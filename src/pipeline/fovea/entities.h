/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Names of the entities that every Fovea ISP has
 */

#pragma once

namespace libcamera::fovea {

constexpr const char *kReceiverEntity = "fovea-csi2rx0";
constexpr const char *kFrontEndEntity = "fovea-frontend0";
constexpr const char *kRawEntity = "fovea-raw0";
constexpr const char *kStatsEntity = "fovea-stats0";
constexpr const char *kBackEndEntity = "fovea-backend";
constexpr const char *kParamsEntity = "fovea-params";
constexpr const char *kScalerEntity = "fovea-scaler0";
constexpr const char *kMainEntity = "fovea-main0";
constexpr const char *kViewfinderScalerEntity = "fovea-scaler1";
constexpr const char *kViewfinderEntity = "fovea-viewfinder0";

} /* namespace libcamera::fovea */
