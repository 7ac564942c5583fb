/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * When faults happen
 */

#include "fault_timeline.h"

#include <utility>

#include <linux/v4l2-controls.h>

namespace fovea::device {

namespace {

/* The control's place in the list of faults; nothing for what is not on the bus. */
std::optional<sensor::BusControl> busControl(uint32_t id)
{
	switch (id) {
	case V4L2_CID_EXPOSURE:
		return sensor::BusControl::Exposure;
	case V4L2_CID_ANALOGUE_GAIN:
		return sensor::BusControl::AnalogueGain;
	case V4L2_CID_VBLANK:
		return sensor::BusControl::VerticalBlanking;
	case V4L2_CID_HFLIP:
		return sensor::BusControl::HorizontalFlip;
	case V4L2_CID_VFLIP:
		return sensor::BusControl::VerticalFlip;
	default:
		return std::nullopt;
	}
}

} /* namespace */

/**
 * \class FaultTimeline
 * \brief The faults of all sensor inputs, by frame and time
 *
 * The clock of an input is that of its frames: it counts those of all streams one
 * after the other, and their time, and stands still between streams. In virtual
 * time it depends on nothing else, so that two runs have the same faults at the
 * same places. As a list of faults outlives the hardware that is unplugged by it,
 * each fault happens once.
 *
 * Between two frames the state is that of the earlier one; before the first it is
 * that of the first frame, whose settings are written then.
 */

FaultTimeline::FaultTimeline(std::vector<sensor::Fault> faults)
	: delay_(0)
{
	for (sensor::Fault &fault : faults) {
		entries_.push_back({ std::move(fault), std::nullopt, false });
		update(&entries_.back(), Position{});
	}
}

/* Bring \a entry to the state that it has from the frame at \a position on. */
void FaultTimeline::update(Entry *entry, const Position &position)
{
	const sensor::Fault &fault = entry->fault;

	if (!entry->begin) {
		const bool due = fault.frame ? position.frame >= *fault.frame
					     : position.time >= fault.time;
		if (due)
			entry->begin = position;
	}
	if (!entry->begin)
		return;

	if (fault.count)
		entry->active = position.frame < entry->begin->frame + *fault.count;
	else if (fault.duration && fault.kind != sensor::FaultKind::Unplug)
		entry->active = position.time < entry->begin->time + *fault.duration;
	else if (fault.kind == sensor::FaultKind::ControlError ||
		 fault.kind == sensor::FaultKind::SlowBus)
		entry->active = true;
	else
		entry->active = position.frame == entry->begin->frame;
}

/**
 * \brief A frame starts
 * \param[in] input Number of the sensor
 * \param[in] duration Time until the next frame
 * \return What is wrong with this frame
 */
FrameFaults FaultTimeline::startFrame(unsigned int input, std::chrono::nanoseconds duration)
{
	Position &position = positions_[input];
	FrameFaults faults;

	for (Entry &entry : entries_) {
		if (entry.fault.input != input)
			continue;
		update(&entry, position);
		if (entry.active)
			apply(entry, position.frame == entry.begin->frame, &faults);
	}

	position.frame++;
	position.time += duration;
	return faults;
}

void FaultTimeline::apply(const Entry &entry, bool first, FrameFaults *faults) const
{
	const sensor::Fault &fault = entry.fault;

	switch (fault.kind) {
	case sensor::FaultKind::LostFrame:
		faults->lost = true;
		break;
	case sensor::FaultKind::CsiError:
		faults->damaged = true;
		break;
	case sensor::FaultKind::LateStatistics:
		faults->lateStats = fault.delayFrames;
		break;
	case sensor::FaultKind::StalledIsp:
		if (first)
			faults->stall = fault.count.value_or(FrameFaults::kForEver);
		break;
	case sensor::FaultKind::Unplug:
		if (unplug)
			unplug(fault.duration);
		break;
	case sensor::FaultKind::ControlError:
	case sensor::FaultKind::SlowBus:
		break;
	}
}

/**
 * \brief A control of the sensor is written to the bus
 * \param[in] input Number of the sensor
 * \param[in] id The control, V4L2_CID_*
 * \return 0, or the negative error of the bus: the sensor has not got it
 */
int FaultTimeline::writeControl(unsigned int input, uint32_t id)
{
	const std::optional<sensor::BusControl> control = busControl(id);
	int ret = 0;

	for (const Entry &entry : entries_) {
		const sensor::Fault &fault = entry.fault;
		if (!control || !entry.active || fault.input != input)
			continue;

		if (fault.kind == sensor::FaultKind::SlowBus)
			delay_ += fault.delay;
		else if (fault.kind == sensor::FaultKind::ControlError &&
			 (!fault.control || fault.control == control))
			ret = fault.error;
	}

	return ret;
}

/** \brief The time that the bus took since this was asked last */
std::chrono::nanoseconds FaultTimeline::takeDelay()
{
	return std::exchange(delay_, std::chrono::nanoseconds(0));
}

} /* namespace fovea::device */
