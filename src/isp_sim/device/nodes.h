/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The video nodes
 */

#pragma once

#include <array>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "isp_sim/v4l2/video_device.h"

#include "formats.h"
#include "frame_engine.h"

namespace fovea::device {

class Node;

/* Who is told of streaming and of buffers: the frame clock. */
class NodeListener
{
public:
	virtual ~NodeListener() = default;

	virtual int nodeStarted(Node *node) = 0;
	virtual void nodeStopped(Node *node) = 0;
	virtual void bufferQueued(Node *node) = 0;
};

/* A video node with its buffers that no frame has taken yet. */
class Node : public v4l2::VideoDevice
{
public:
	Node(v4l2::MediaDevice *media, std::string name, v4l2_buf_type type);

	void setListener(NodeListener *listener) { listener_ = listener; }

	bool active() const { return active_; }
	size_t size(size_t plane = 0) const { return planeSize(plane); }

	std::deque<v4l2::Buffer *> &pending() { return pending_; }
	v4l2::Buffer *take();

	/* QueueOperations */
	void bufQueue(v4l2::Buffer &buffer) override;
	int startStreaming() override;
	void stopStreaming() override;

private:
	NodeListener *listener_;
	bool active_;
	std::deque<v4l2::Buffer *> pending_;
};

class RawNode : public Node
{
public:
	RawNode(v4l2::MediaDevice *media, std::string name, v4l2_buf_type type,
		const v4l2_mbus_framefmt &preset);

	const RawFormat &rawFormat() const;
	size_t stride() const { return format().fmt.pix_mp.plane_fmt[0].bytesperline; }

	int validateFormat(const v4l2_mbus_framefmt &bus) override;

	/* QueueOperations */
	int bufPrepare(v4l2::Buffer &buffer) override;

protected:
	int enumFormat(v4l2_fmtdesc *description) override;
	int tryFormat(v4l2_format *format) override;
	bool hasFrameSizes() const override { return true; }
	int enumFrameSizes(v4l2_frmsizeenum *size) override;

private:
	const uint32_t presetFormat_;
};

class ImageNode : public Node
{
public:
	ImageNode(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset);

	isp::OutputFormat outputFormat(const v4l2_rect &crop) const;
	OutputMemory memory(const v4l2::Buffer &buffer) const;

protected:
	int enumFormat(v4l2_fmtdesc *description) override;
	int tryFormat(v4l2_format *format) override;
	bool hasFrameSizes() const override { return true; }
	int enumFrameSizes(v4l2_frmsizeenum *size) override;
	int validateFormat(const v4l2_mbus_framefmt &bus) override;
};

/* A node with one metadata format. */
class MetadataNode : public Node
{
public:
	MetadataNode(v4l2::MediaDevice *media, std::string name, v4l2_buf_type type,
		     uint32_t format, size_t size, const char *description);

protected:
	int enumFormat(v4l2_fmtdesc *description) override;
	int tryFormat(v4l2_format *format) override;

private:
	uint32_t dataFormat_;
	size_t size_;
	const char *description_;
};

class StatsNode : public MetadataNode
{
public:
	StatsNode(v4l2::MediaDevice *media, std::string name);
};

class ParamsNode : public MetadataNode
{
public:
	ParamsNode(v4l2::MediaDevice *media, std::string name);

	int bufPrepare(v4l2::Buffer &buffer) override;

	/* The validated parameters of a queued buffer. */
	std::span<const uint8_t> parameters(const v4l2::Buffer &buffer) const
	{
		return copies_[buffer.index()];
	}

private:
	std::array<std::vector<uint8_t>, VIDEO_MAX_FRAME> copies_;
	std::string lastError_;
};

} /* namespace fovea::device */
