/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The frames of a recording, in memory or read ahead
 */

#include "isp_sim/sensor/frame_source.h"

#include <algorithm>

namespace fovea::sensor {

namespace {

/* The group in use, and what is read ahead of it. */
constexpr size_t kSlots = 4;

} /* namespace */

/**
 * \class FrameSource
 * \brief Hands out frames, which are kept in memory or read ahead by a thread
 *
 * After load() all frames are in memory. After readAhead() a thread reads the frames
 * that follow the one in use into a ring of buffers: nothing is allocated from then on,
 * and a frame that comes in its order is there when it is wanted. Any other order
 * works as well, and waits for the reader.
 *
 * Frames are handed out in groups, such as a bracket. What acquire() returns is valid
 * until it is called again; it must be called from one thread at a time.
 */

/**
 * \brief Create a source
 * \param[in] layout The frames
 * \param[in] read Reads a frame; called from the reader's thread
 */
FrameSource::FrameSource(const Layout &layout, Read read)
	: layout_(layout), read_(std::move(read))
{
}

FrameSource::~FrameSource()
{
	{
		std::lock_guard lock(mutex_);
		running_ = false;
	}
	changed_.notify_all();

	if (reader_.joinable())
		reader_.join();
}

bool FrameSource::readGroup(size_t group, std::span<uint8_t> bytes, std::string *error) const
{
	for (size_t i = 0; i < layout_.group; i++) {
		if (!read_(group * layout_.group + i, bytes.subspan(i * layout_.size, layout_.size), error))
			return false;
	}

	return true;
}

/** \brief Read all frames now and keep them */
bool FrameSource::load(std::string *error)
{
	resident_ = true;
	slots_ = std::vector<Slot>(groups());

	for (size_t i = 0; i < slots_.size(); i++) {
		slots_[i].frames.resize(layout_.size * layout_.group);
		if (!readGroup(i, slots_[i].frames.bytes(), error))
			return false;
	}

	return true;
}

/** \brief Start to read ahead, from the first frame on */
void FrameSource::readAhead()
{
	slots_ = std::vector<Slot>(kSlots);
	for (Slot &slot : slots_)
		slot.frames.resize(layout_.size * layout_.group);

	running_ = true;
	reader_ = std::thread(&FrameSource::run, this);
}

FrameSource::Slot *FrameSource::find(size_t group)
{
	const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot &s) {
		return s.state != Slot::State::Empty && s.group == group;
	});

	return slot == slots_.end() ? nullptr : &*slot;
}

/* Whether a group is the one that is wanted, or one of those that follow. */
bool FrameSource::isAhead(size_t group) const
{
	const size_t distance = (group + groups() - wanted_) % groups();

	return distance < kSlots && (layout_.loop || group >= wanted_);
}

/* A buffer for the next group that is not there yet; none if all are. */
FrameSource::Slot *FrameSource::choose()
{
	for (size_t i = 0; i < std::min(kSlots, groups()); i++) {
		const size_t group = (wanted_ + i) % groups();
		if (!isAhead(group) || find(group))
			continue;

		const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot &s) {
			return &s != held_ && (s.state == Slot::State::Empty || !isAhead(s.group));
		});
		if (slot == slots_.end())
			return nullptr;

		slot->group = group;
		return &*slot;
	}

	return nullptr;
}

void FrameSource::run()
{
	std::unique_lock lock(mutex_);

	while (running_) {
		Slot *slot = choose();
		if (!slot) {
			changed_.wait(lock);
			continue;
		}

		slot->state = Slot::State::Reading;
		const size_t group = slot->group;
		lock.unlock();
		const bool good = readGroup(group, slot->frames.bytes(), &slot->error);
		lock.lock();
		slot->state = good ? Slot::State::Ready : Slot::State::Failed;
		changed_.notify_all();
	}
}

/**
 * \brief Get a group of frames, and give the one before back
 * \param[in] group Its index: that of its first frame, divided by the frames of a group
 * \param[out] error Why it cannot be read
 * \return The bytes, aligned as words are; empty after an error
 */
std::span<const uint8_t> FrameSource::acquire(size_t group, std::string *error)
{
	if (resident_)
		return slots_[group].frames.bytes();

	std::unique_lock lock(mutex_);
	held_ = nullptr;
	wanted_ = group;
	changed_.notify_all();

	Slot *slot = nullptr;
	changed_.wait(lock, [&] {
		slot = find(group);
		return slot && slot->state != Slot::State::Reading;
	});

	/* Another time it may go well. */
	if (slot->state == Slot::State::Failed) {
		slot->state = Slot::State::Empty;
		*error = slot->error;
		return {};
	}

	held_ = slot;
	return slot->frames.bytes();
}

} /* namespace fovea::sensor */
