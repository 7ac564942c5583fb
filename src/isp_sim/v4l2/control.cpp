/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls: a value of any type, and what a driver does with it
 */

#include "control.h"

#include <algorithm>
#include <errno.h>

#include "control_handler.h"

/**
 * \file control.h
 * \brief The control framework, after the kernel's v4l2-ctrls
 */

namespace fovea::v4l2 {

/* --------------------------------------------------------------------------
 * Control
 */

/**
 * \class Control
 * \brief One control and its current value
 */

Control::Control(ControlHandler *handler, ControlInfo info)
	: handler_(handler), info_(std::move(info)), value_(info_), isNew_(false),
	  changed_(false), cluster_(std::make_shared<ControlCluster>())
{
	cluster_->controls.push_back(this);
}

/** \brief The flags as an application sees them */
uint32_t Control::flags() const
{
	return info_.flags | (info_.hasPayload() ? V4L2_CTRL_FLAG_HAS_PAYLOAD : 0);
}

/* The event that tells of \a changes (V4L2_EVENT_CTRL_CH_*). */
v4l2_event Control::event(uint32_t changes) const
{
	v4l2_event event = {};

	event.type = V4L2_EVENT_CTRL;
	event.id = info_.id;
	event.u.ctrl.changes = changes;
	event.u.ctrl.type = info_.type;
	event.u.ctrl.value64 = info_.hasPayload() ? 0 : value();
	event.u.ctrl.flags = flags();
	event.u.ctrl.minimum = info_.minimum;
	event.u.ctrl.maximum = info_.maximum;
	event.u.ctrl.step = info_.isMenu() ? 1 : info_.step;
	event.u.ctrl.default_value = info_.defaultValue;

	return event;
}

/* Set a value from the driver; \a changes are reported in any case. */
int Control::setPending(ControlValue value, uint32_t changes)
{
	int ret = value.validate(info_);
	if (ret)
		return ret;

	handler_->begin(*cluster_);
	if (isMaster())
		handler_->leaveAutomatic(*cluster_, value.get(info_));

	pending_ = std::move(value);
	isNew_ = true;
	return handler_->apply(nullptr, *cluster_, true, changes);
}

/**
 * \brief Set the value from the driver
 *
 * Read-only controls can be set this way. All subscribers get an event when the
 * value changes.
 *
 * \return 0, the error of validation or of the driver's operation, or -EINVAL for
 * a control whose value is no single number
 */
int Control::setValue(int64_t value)
{
	if (info_.hasPayload())
		return -EINVAL;

	ControlValue pending = value_;
	pending.set(info_, value);

	/* What does not fit is out of range, not something else. */
	if (pending.get(info_) != value)
		pending.set(info_, std::clamp(value, info_.minimum, info_.maximum));

	return setPending(std::move(pending));
}

/**
 * \brief Set a control with a payload from the driver
 * \param[in] data All bytes of the value; of a dynamic array, the elements that
 * it is to have
 * \return 0, -EINVAL for a wrong size, or the error of validation or of the driver
 */
int Control::setData(std::span<const uint8_t> data)
{
	const size_t size = info_.elementSize();
	ControlValue pending = value_;

	if (data.empty() || data.size() % size)
		return -EINVAL;
	if (info_.isDynamicArray() && data.size() <= size * info_.maxElements())
		pending.resize(info_, data.size() / size);
	if (!info_.hasPayload() || data.size() != pending.bytes().size())
		return -EINVAL;

	std::copy(data.begin(), data.end(), pending.bytes().begin());
	return setPending(std::move(pending));
}

/**
 * \brief Set a string control from the driver
 * \return 0, -EINVAL if it is no string, -ERANGE for a wrong length, or the
 * driver's error
 */
int Control::setText(std::string_view text)
{
	if (!info_.isString() || info_.isArray())
		return -EINVAL;
	if (static_cast<int64_t>(text.size()) > info_.maximum)
		return -ERANGE;

	ControlValue pending = value_;
	std::fill(pending.bytes().begin(), pending.bytes().end(), 0);
	std::copy(text.begin(), text.end(), pending.bytes().begin());
	return setPending(std::move(pending));
}

/**
 * \brief Change the range of a control whose value is a number
 *
 * The value is brought into the new range; subscribers get one event that tells
 * of the range and, where it changed, of the value.
 *
 * \return 0, -ERANGE for a range that the type forbids, or -EINVAL for controls
 * with a payload
 */
int Control::modifyRange(int64_t minimum, int64_t maximum, uint64_t step,
			 int64_t defaultValue)
{
	if (info_.hasPayload())
		return -EINVAL;

	ControlInfo info = info_;
	info.minimum = minimum;
	info.maximum = maximum;
	info.step = step;
	info.defaultValue = defaultValue;

	int ret = info.check();
	if (ret)
		return ret;

	bool same = info_.minimum == minimum && info_.maximum == maximum &&
		    info_.step == step && info_.defaultValue == defaultValue;
	if (same)
		return 0;

	info_ = std::move(info);

	ControlValue value = value_;
	if (value.validate(info_))
		value.set(info_, defaultValue);

	return setPending(std::move(value), V4L2_EVENT_CTRL_CH_RANGE);
}

/**
 * \brief Change the dimensions of an array
 *
 * All elements get the default value. Subscribers get an event with
 * V4L2_EVENT_CTRL_CH_DIMENSIONS.
 *
 * \return 0, or -EINVAL for another number of dimensions, a size that no control
 * can have, or a dynamic array
 */
int Control::modifyDimensions(std::vector<uint32_t> dims)
{
	if (!info_.isArray() || info_.isDynamicArray() || dims.size() != info_.dims.size())
		return -EINVAL;

	ControlInfo info = info_;
	info.dims = std::move(dims);
	if (info.check())
		return -EINVAL;
	if (info.dims == info_.dims)
		return 0;

	info_ = std::move(info);
	value_ = ControlValue(info_);
	handler_->sendEvent(nullptr, *this, V4L2_EVENT_CTRL_CH_VALUE |
					    V4L2_EVENT_CTRL_CH_DIMENSIONS);
	return 0;
}

void Control::changeFlag(uint32_t flag, bool set)
{
	uint32_t flags = set ? info_.flags | flag : info_.flags & ~flag;
	if (flags == info_.flags)
		return;

	info_.flags = flags;
	handler_->sendEvent(nullptr, *this, V4L2_EVENT_CTRL_CH_FLAGS);
}

/** \brief Make the control return -EBUSY on writes, or end that */
void Control::grab(bool grabbed)
{
	changeFlag(V4L2_CTRL_FLAG_GRABBED, grabbed);
}

/** \brief Tell applications whether the control has an effect at present */
void Control::activate(bool active)
{
	changeFlag(V4L2_CTRL_FLAG_INACTIVE, !active);
}

/* --------------------------------------------------------------------------
 * ControlOperations
 */

/**
 * \class ControlOperations
 * \brief The driver's side of its controls
 *
 * Values handed to the operations lie within the control's range already. While
 * setControl(), setData() or setCluster() run, all controls of the cluster have
 * their new values; if the operation fails they go back to what they had.
 */

/** \brief Refuse or adjust a value beyond what its range says */
int ControlOperations::tryControl([[maybe_unused]] const Control &control,
				  [[maybe_unused]] int64_t *value)
{
	return 0;
}

/** \brief Apply a new value; the control takes it when 0 is returned */
int ControlOperations::setControl([[maybe_unused]] const Control &control,
				  [[maybe_unused]] int64_t value)
{
	return 0;
}

/** \brief Read the value of a control with V4L2_CTRL_FLAG_VOLATILE */
int ControlOperations::getVolatile([[maybe_unused]] const Control &control,
				   [[maybe_unused]] int64_t *value)
{
	return 0;
}

/** \brief As tryControl(), for a control with a payload */
int ControlOperations::tryData([[maybe_unused]] const Control &control,
			       [[maybe_unused]] std::span<uint8_t> data)
{
	return 0;
}

/** \brief As setControl(), for a control with a payload */
int ControlOperations::setData([[maybe_unused]] const Control &control,
			       [[maybe_unused]] std::span<const uint8_t> data)
{
	return 0;
}

/** \brief As getVolatile(), for a control with a payload */
int ControlOperations::getVolatileData([[maybe_unused]] const Control &control,
				       [[maybe_unused]] std::span<uint8_t> data)
{
	return 0;
}

/**
 * \brief Apply the controls of a cluster, of which at least one has changed
 *
 * By default, setControl() or setData() is called for each that has. A driver
 * that has to write them to the hardware together overrides this.
 */
int ControlOperations::setCluster(std::span<Control *const> controls)
{
	for (const Control *control : controls) {
		if (!control->changed())
			continue;

		int ret = control->info().hasPayload() ? setData(*control, control->data())
						       : setControl(*control, control->value());
		if (ret)
			return ret;
	}

	return 0;
}

} /* namespace fovea::v4l2 */
