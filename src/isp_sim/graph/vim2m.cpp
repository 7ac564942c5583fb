/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The kernel's virtual memory-to-memory device
 */

#include "vim2m.h"

#include <algorithm>
#include <chrono>
#include <errno.h>
#include <vector>

#include "memory_format.h"

namespace fovea::graph {

namespace {

/* Limits and defaults of the driver. */
constexpr Size kMinimum = { 32, 32 };
constexpr Size kMaximum = { 640, 480 };
constexpr int64_t kDefaultMilliseconds = 40;
constexpr int64_t kMaxMilliseconds = 10001;

struct Format {
	uint32_t fourcc;
	bool output;		/* can it go in, or only come out? */
};

constexpr Format kFormats[] = {
	{ V4L2_PIX_FMT_RGB565, true },
	{ V4L2_PIX_FMT_RGB565X, true },
	{ V4L2_PIX_FMT_RGB24, true },
	{ V4L2_PIX_FMT_BGR24, true },
	{ V4L2_PIX_FMT_YUYV, false },
	{ V4L2_PIX_FMT_SBGGR8, false },
	{ V4L2_PIX_FMT_SGBRG8, false },
	{ V4L2_PIX_FMT_SGRBG8, false },
	{ V4L2_PIX_FMT_SRGGB8, false },
};

const Format *findFormat(uint32_t fourcc)
{
	auto it = std::find_if(std::begin(kFormats), std::end(kFormats),
			       [&](const Format &format) { return format.fourcc == fourcc; });
	return it == std::end(kFormats) ? nullptr : it;
}

/* Heights of Bayer formats are even. */
unsigned int heightStep(uint32_t fourcc)
{
	const PixelFormat *format = formatByFourcc(fourcc);
	return format && format->bayer() ? 2 : 1;
}

class Context : public v4l2::MemToMemContext
{
public:
	Context(v4l2::EventLoop *loop, v4l2::MemToMemDevice *device, bool virtualTime);
	~Context() override;

protected:
	int enumFormat(v4l2_fmtdesc *description) override;
	int enumFrameSizes(v4l2_frmsizeenum *size) override;
	int tryFormat(v4l2_format *format) override;
	void formatChanged(const v4l2_format &format) override;
	void runJob(v4l2::Buffer &input, v4l2::Buffer &output) override;
	void abortJob() override;

private:
	void process(const v4l2::Buffer &input, v4l2::Buffer &output);

	v4l2::EventLoop *loop_;
	const bool virtualTime_;
	uint64_t timer_;
	v4l2::Control *horizontalFlip_;
	v4l2::Control *verticalFlip_;
	v4l2::Control *time_;
};

Context::Context(v4l2::EventLoop *loop, v4l2::MemToMemDevice *device, bool virtualTime)
	: MemToMemContext(device), loop_(loop), virtualTime_(virtualTime), timer_(0)
{
	horizontalFlip_ = controls_.addStandard(V4L2_CID_HFLIP, 0, 1, 1, 0);
	verticalFlip_ = controls_.addStandard(V4L2_CID_VFLIP, 0, 1, 1, 0);
	time_ = controls_.add({ kCidTransactionTime, V4L2_CTRL_TYPE_INTEGER,
				"Transaction Time (msec)", 1, kMaxMilliseconds, 1,
				kDefaultMilliseconds });
	controls_.add({ kCidTransactionBuffers, V4L2_CTRL_TYPE_INTEGER, "Buffers Per Transaction",
			1, VIDEO_MAX_FRAME, 1, 1 });

	v4l2_format format = {};
	format.fmt.pix.width = kMaximum.width;
	format.fmt.pix.height = kMaximum.height;
	format.fmt.pix.pixelformat = kFormats[0].fourcc;
	format.fmt.pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
	for (uint32_t type : { V4L2_BUF_TYPE_VIDEO_OUTPUT, V4L2_BUF_TYPE_VIDEO_CAPTURE }) {
		format.type = type;
		tryFormat(&format);
		this->format(type) = format;
	}
}

Context::~Context()
{
	stopJob();
}

int Context::enumFormat(v4l2_fmtdesc *description)
{
	unsigned int index = description->index;

	for (const Format &format : kFormats) {
		if (V4L2_TYPE_IS_OUTPUT(description->type) && !format.output)
			continue;
		if (index-- == 0) {
			description->pixelformat = format.fourcc;
			return 0;
		}
	}

	return -EINVAL;
}

int Context::enumFrameSizes(v4l2_frmsizeenum *size)
{
	if (size->index || !findFormat(size->pixel_format))
		return -EINVAL;

	size->type = V4L2_FRMSIZE_TYPE_STEPWISE;
	size->stepwise = { kMinimum.width, kMaximum.width, 2, kMinimum.height, kMaximum.height,
			   heightStep(size->pixel_format) };
	return 0;
}

/* The colorimetry of what comes out is that of what goes in. */
int Context::tryFormat(v4l2_format *format)
{
	v4l2_pix_format &pix = format->fmt.pix;
	const bool output = V4L2_TYPE_IS_OUTPUT(format->type);
	const Format *found = findFormat(pix.pixelformat);

	if (!found)
		found = &kFormats[0];
	if (output && !found->output)
		return -EINVAL;

	pix.pixelformat = found->fourcc;
	pix.width = std::clamp(pix.width, kMinimum.width, kMaximum.width) & ~1U;
	pix.height = std::clamp(pix.height, kMinimum.height, kMaximum.height) &
		     ~(heightStep(found->fourcc) - 1);
	pix.field = V4L2_FIELD_NONE;

	const MemoryFormat *memory = memoryFormat(found->fourcc);
	pix.bytesperline = memory->stride(pix.width);
	pix.sizeimage = memory->imageSize({ pix.width, pix.height });

	if (output) {
		limitColorimetry(&pix);
		if (!pix.colorspace)
			pix.colorspace = V4L2_COLORSPACE_REC709;
		return 0;
	}

	const v4l2_pix_format &input = this->format(V4L2_BUF_TYPE_VIDEO_OUTPUT).fmt.pix;
	pix.colorspace = input.colorspace;
	pix.ycbcr_enc = input.ycbcr_enc;
	pix.quantization = input.quantization;
	pix.xfer_func = input.xfer_func;
	return 0;
}

void Context::formatChanged(const v4l2_format &format)
{
	if (V4L2_TYPE_IS_OUTPUT(format.type))
		tryFormat(&this->format(V4L2_BUF_TYPE_VIDEO_CAPTURE));
}

/* The hardware of the driver takes its time; virtual time has none to wait. */
void Context::runJob(v4l2::Buffer &input, v4l2::Buffer &output)
{
	process(input, output);

	const auto delay = std::chrono::milliseconds(virtualTime_ ? 0 : time_->value());
	timer_ = loop_->addTimer(v4l2::EventLoop::Clock::now() + delay, [this]() {
		timer_ = 0;
		finishJob(v4l2::BufferState::Done);
	});
}

void Context::abortJob()
{
	loop_->cancelTimer(timer_);
	timer_ = 0;
}

/* Scale to the nearest pixel, flip, and convert. */
void Context::process(const v4l2::Buffer &input, v4l2::Buffer &output)
{
	const v4l2_pix_format &from = format(V4L2_BUF_TYPE_VIDEO_OUTPUT).fmt.pix;
	const v4l2_pix_format &to = format(V4L2_BUF_TYPE_VIDEO_CAPTURE).fmt.pix;
	const MemoryFormat &fromFormat = *memoryFormat(from.pixelformat);
	const PixelFormat *rgb24 = formatByFourcc(V4L2_PIX_FMT_RGB24);
	const uint8_t *memory = input.memory(0).data();

	std::vector<uint8_t> data(size_t{ to.width } * to.height * 3);
	const Image rgb = { rgb24, { to.width, to.height }, data };

	for (uint32_t y = 0; y < to.height; y++) {
		uint32_t row = y * from.height / to.height;
		if (verticalFlip_->value())
			row = from.height - 1 - row;

		for (uint32_t x = 0; x < to.width; x++) {
			uint32_t column = x * from.width / to.width;
			if (horizontalFlip_->value())
				column = from.width - 1 - column;

			const uint8_t *pixel = memory + row * from.bytesperline + column * fromFormat.bytes;
			storePixel(*rgb24, x, y, unpackPixel(fromFormat, pixel), rgb.row(y) + 3 * x);
		}
	}

	packImage(rgb, *memoryFormat(to.pixelformat), output.memory(0).data());
}

} /* namespace */

/**
 * \class Vim2m
 * \brief Scales, flips and converts small pictures, as the kernel's vim2m does
 */

Vim2m::Vim2m(v4l2::EventLoop *loop, v4l2::MediaDevice *media, const EntityConfig &config,
	     bool virtualTime)
	: MemToMemDevice(media, config.name), loop_(loop), virtualTime_(virtualTime)
{
}

std::unique_ptr<v4l2::MemToMemContext> Vim2m::createContext()
{
	return std::make_unique<Context>(loop_, this, virtualTime_);
}

} /* namespace fovea::graph */
