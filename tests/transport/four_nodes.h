/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * An application that streams on four nodes of the Fovea device
 */

#pragma once

#include <array>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include <linux/videodev2.h>

namespace fovea::test {

/* Raw frames, pictures, statistics and parameters of the first camera. */
class FourNodes
{
public:
	enum Node : unsigned int {
		Raw,
		Main,
		Stats,
		Params,	/* the last: its buffers are what frames wait for */
		Count,
	};

	struct Buffer {
		uint32_t index;
		uint32_t sequence;
		uint32_t flags;
	};

	FourNodes() = default;
	~FourNodes();

	FourNodes(const FourNodes &) = delete;
	FourNodes &operator=(const FourNodes &) = delete;

	/* All functions return 0 or a negative error code. */
	int open();
	int start(unsigned int buffers);
	int stop();

	/* Wait for the buffers of a frame, of all nodes, and take them. */
	int waitForFrame(std::array<Buffer, Count> *frame);
	int queueFrame(const std::array<Buffer, Count> &frame);

	int fd(Node node) const { return nodes_[node].fd; }
	void *memory(Node node, uint32_t index) const { return nodes_[node].memory[index]; }
	size_t size(Node node) const { return nodes_[node].size; }

private:
	struct State {
		int fd = -1;
		size_t size = 0;
		std::vector<void *> memory;
	};

	int allocate(Node node, unsigned int count);
	int queue(Node node, uint32_t index);
	int dequeue(Node node, Buffer *buffer);
	void unmap(Node node);

	std::array<State, Count> nodes_;
};

} /* namespace fovea::test */
