/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the entries of isp-bench share
 */

#pragma once

#include <functional>
#include <string>

#include <benchmark/benchmark.h>

#include "isp_sim/isp/isp.h"

#include "../isp/pictures.h"

namespace fovea::isp::bench {

/* The frame sizes of the table. */
inline constexpr Size kSizes[] = { { 1920, 1080 }, { 4056, 3040 } };

/* Wall-clock and CPU time from its making, of all threads of the process. */
class Stopwatch
{
public:
	Stopwatch();

	double wall() const;
	double cpu() const;

private:
	double wallStart_;
	double cpuStart_;
};

void setCounters(benchmark::State &state, Size size, double wall, double cpu, double frames);
void setQuality(benchmark::State &state, const test::DemosaicFunction &demosaic);
void runFrames(benchmark::State &state, Size size, const std::function<void()> &frame);
void registerFrames(const std::string &name, const std::function<void(benchmark::State &)> &function);

std::string sizeName(Size size);

/* One function for each source of peers; those that were not built say so. */
void registerMemoryFloor();
void registerOpenCv();
void registerLibcamera();
void registerLibyuv();
void registerHalide();

} /* namespace fovea::isp::bench */
