/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The Fovea device with a sensor of a few pixels, for fuzz targets
 */

#pragma once

#include <array>
#include <memory>
#include <stdint.h>

#include "isp_sim/device/fovea_device.h"
#include "isp_sim/v4l2/event_loop.h"

namespace fovea::fuzz {

/* A new device in virtual time, in the state of power-on. */
std::unique_ptr<device::FoveaDevice> createTinyDevice(v4l2::EventLoop *loop);

/* Run what is due in \a loop: posted calls, ready descriptors. */
void runPending(v4l2::EventLoop *loop);

/* A memfd of \a size bytes; a device can use those that allow seals. */
int createMemory(size_t size, bool sealable);

/* Size of the buffer that \a kind of the memories below makes. */
constexpr std::array<size_t, 4> kMemorySizes = { 100, 4096, 65536, 1 << 20 };

/* The ioctls of V4L2, sub-devices and media devices, and some unknown ones. */
size_t requestCount();
uint32_t requestNumber(size_t index);

} /* namespace fovea::fuzz */
