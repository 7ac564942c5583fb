/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The kernel's virtual memory-to-memory device
 */

#pragma once

#include <string>

#include "isp_sim/v4l2/event_loop.h"
#include "isp_sim/v4l2/mem_to_mem.h"

#include "graph_rig.h"

namespace fovea::graph {

/* Controls of vim2m's own (uapi of the driver). */
constexpr uint32_t kCidTransactionTime = V4L2_CID_USER_BASE + 0x1000;
constexpr uint32_t kCidTransactionBuffers = V4L2_CID_USER_BASE + 0x1001;

class Vim2m : public v4l2::MemToMemDevice
{
public:
	Vim2m(v4l2::EventLoop *loop, v4l2::MediaDevice *media, const EntityConfig &config,
	      bool virtualTime);

protected:
	std::unique_ptr<v4l2::MemToMemContext> createContext() override;

private:
	v4l2::EventLoop *loop_;
	const bool virtualTime_;
};

} /* namespace fovea::graph */
