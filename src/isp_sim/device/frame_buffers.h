/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The nodes that frames use, the buffers of a frame, and jobs
 */

#pragma once

#include <array>
#include <deque>
#include <functional>
#include <stddef.h>

#include "nodes.h"

namespace fovea::device {

/* What a node is to a frame. Buffers are given back in this order. */
enum class Role {
	Params,
	Input,		/* raw frames from memory */
	Raw,
	Main,
	Viewfinder,
	Stats,		/* of the front end */
	BackEndStats,
};

constexpr std::array kRoles = {
	Role::Params, Role::Input, Role::Raw, Role::Main, Role::Viewfinder,
	Role::Stats, Role::BackEndStats,
};

/* What the hardware reads; all others are captured. */
constexpr bool isOutput(Role role)
{
	return role == Role::Params || role == Role::Input;
}

constexpr bool isStats(Role role)
{
	return role == Role::Stats || role == Role::BackEndStats;
}

/* A value for each role, at first T(). */
template<typename T>
class RoleMap
{
public:
	T &operator[](Role role) { return values_[static_cast<size_t>(role)]; }
	const T &operator[](Role role) const { return values_[static_cast<size_t>(role)]; }

private:
	std::array<T, kRoles.size()> values_{};
};

/* The nodes of a source of frames; null where it has none. */
using FrameNodes = RoleMap<Node *>;

/* The buffers of one frame; any may be missing. */
using FrameBuffers = RoleMap<v4l2::Buffer *>;

class JobQueue
{
public:
	/* \a streams tells whether the node of a role streams for these jobs. */
	JobQueue(const FrameNodes &nodes, std::function<bool(Role)> streams);

	bool empty() const { return jobs_.empty(); }
	size_t count(Role role) const;

	void close();
	FrameBuffers take();
	void drop(const Node *node);

private:
	FrameNodes nodes_;
	std::function<bool(Role)> streams_;
	std::deque<FrameBuffers> jobs_;
};

} /* namespace fovea::device */
