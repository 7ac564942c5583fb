/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The work of a frame: rendering by the sensor, processing by the ISP
 */

#include "frame_engine.h"

#include <errno.h>
#include <string.h>

namespace fovea::device {

/**
 * \class FrameEngine
 * \brief Two stages, a thread each, that work on successive frames
 *
 * Frames pass in order through rendering and processing; while one is processed
 * the next is rendered. The slots are a ring: frame number n uses slot
 * n % kSlots in both stages, so nothing is allocated or copied between
 * them but the description of the frame.
 */

/* A frame on its way, and the raw memory for it when it brings none. */
struct FrameEngine::Slot {
	FrameWork work;
	std::vector<uint8_t> scratch;
	std::span<uint8_t> raw;
};

FrameEngine::FrameEngine(sensor::Sensor *sensor,
			 std::function<void(const FrameWork &)> completed)
	: sensor_(sensor), completed_(std::move(completed)), rawFormat_(), rawSize_(0),
	  running_(false), submitted_(0), rendered_(0), processed_(0),
	  reported_(0)
{
}

FrameEngine::~FrameEngine()
{
	stop();
}

/**
 * \brief Configure the ISP, prepare the sensor and start the threads
 * \param[in] configuration Raw format, outputs (none: statistics only), threads
 * \param[in] mode The sensor's mode, whose preparation may take some time
 * \return 0, or a negative error code with \a error set
 */
int FrameEngine::start(const isp::Configuration &configuration, unsigned int mode,
		       std::string *error)
{
	isp::Configuration statsOnly = configuration;
	statsOnly.outputs.clear();

	int ret = statsIsp_.configure(statsOnly, error);
	if (ret)
		return ret;

	if (!configuration.outputs.empty()) {
		ret = isp_.configure(configuration, error);
		if (ret)
			return ret;
	}

	ret = sensor_->prepare(mode);
	if (ret) {
		*error = std::string("the sensor cannot prepare its mode: ") + strerror(-ret);
		return ret;
	}

	rawFormat_ = configuration.input;
	rawSize_ = rawFormat_.stride * rawFormat_.size.height;
	for (std::unique_ptr<Slot> &slot : slots_) {
		slot = std::make_unique<Slot>();
		slot->scratch.resize(rawSize_);
	}

	submitted_ = rendered_ = processed_ = reported_ = 0;
	running_ = true;
	renderer_ = std::thread(&FrameEngine::renderThread, this);
	processor_ = std::thread(&FrameEngine::processThread, this);

	return 0;
}

/**
 * \brief Finish the frames in work, then end the threads
 *
 * All frames that were submitted have been reported when this returns.
 */
void FrameEngine::stop()
{
	{
		std::lock_guard lock(mutex_);
		running_ = false;
	}
	changed_.notify_all();

	if (renderer_.joinable())
		renderer_.join();
	if (processor_.joinable())
		processor_.join();
}

/** \brief Wait until every frame that was submitted has been reported */
void FrameEngine::drain()
{
	std::unique_lock lock(mutex_);
	changed_.wait(lock, [this] { return reported_ == submitted_; });
}

/** \brief Whether submit() would take a frame now */
bool FrameEngine::canSubmit() const
{
	std::lock_guard lock(mutex_);
	return running_ && submitted_ - processed_ < kMaxInFlight;
}

/**
 * \brief Hand over a frame
 * \return True, or false where kMaxInFlight frames are already in work
 *
 * Memory that \a work refers to must stay valid until the frame is reported.
 */
bool FrameEngine::submit(const FrameWork &work)
{
	{
		std::lock_guard lock(mutex_);
		if (!running_ || submitted_ - processed_ >= kMaxInFlight)
			return false;

		slots_[submitted_ % kSlots]->work = work;
		submitted_++;
	}
	changed_.notify_all();

	return true;
}

void FrameEngine::renderThread()
{
	std::unique_lock lock(mutex_);

	while (true) {
		changed_.wait(lock, [this] { return !running_ || rendered_ < submitted_; });
		if (rendered_ == submitted_)
			return;

		Slot *slot = slots_[rendered_ % kSlots].get();
		lock.unlock();
		render(slot);
		lock.lock();
		rendered_++;
		changed_.notify_all();
	}
}

void FrameEngine::processThread()
{
	std::unique_lock lock(mutex_);

	while (true) {
		changed_.wait(lock, [this] {
			return processed_ < rendered_ || (!running_ && processed_ == submitted_);
		});
		if (processed_ == rendered_)
			return;

		Slot *slot = slots_[processed_ % kSlots].get();
		lock.unlock();
		process(slot);
		lock.lock();
		/*
		 * Whoever hears of the frame finds room for the next. The slot
		 * is not used again before the next frame is processed.
		 */
		processed_++;
		lock.unlock();
		completed_(slot->work);
		lock.lock();
		reported_++;
		changed_.notify_all();
	}
}

void FrameEngine::render(Slot *slot)
{
	FrameWork &work = slot->work;

	slot->raw = work.raw.empty() ? std::span<uint8_t>(slot->scratch)
				     : work.raw.first(rawSize_);
	work.status = sensor_->render(work.settings, work.sequence, work.time,
				      slot->raw, rawFormat_.stride);
}

void FrameEngine::process(Slot *slot)
{
	FrameWork &work = slot->work;
	std::span<const std::span<uint8_t>> outputs(work.outputs.data(), work.outputCount);

	if (work.status || (outputs.empty() && !work.stats))
		return;

	isp::Isp &isp = outputs.empty() ? statsIsp_ : isp_;
	work.status = isp.process(slot->raw, work.params, outputs, work.stats);
	if (work.stats)
		work.stats->sequence = work.sequence;
}

} /* namespace fovea::device */
