/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls: a value of any type, and what a driver does with it
 */

#pragma once

#include <memory>
#include <span>
#include <stdint.h>
#include <string>
#include <string_view>
#include <vector>

#include <linux/videodev2.h>

#include "control_value.h"

namespace fovea::v4l2 {

class Control;
class ControlHandler;

/* Controls that are handed to the driver together; the first is the master. */
struct ControlCluster {
	std::vector<Control *> controls;

	/* The others follow the hardware unless the master has this value. */
	bool automatic = false;
	bool followersVolatile = false;
	int64_t manualValue = 0;
};

class Control
{
public:
	Control(ControlHandler *handler, ControlInfo info);

	uint32_t id() const { return info_.id; }
	const ControlInfo &info() const { return info_; }
	uint32_t flags() const;

	/* The present value: of an array the first element; of 32 bits and more. */
	int64_t value() const { return value_.get(info_); }
	int64_t value(uint32_t element) const { return value_.get(info_, element); }
	uint32_t elements() const { return value_.elements(info_); }
	std::span<const uint8_t> data() const { return value_.bytes(); }
	std::string text() const { return value_.text(); }

	int setValue(int64_t value);
	int setData(std::span<const uint8_t> data);
	int setText(std::string_view text);
	int modifyRange(int64_t minimum, int64_t maximum, uint64_t step,
			int64_t defaultValue);
	int modifyDimensions(std::vector<uint32_t> dims);
	void grab(bool grabbed);
	void activate(bool active);

	/* Within ControlOperations: is it among those that are written? */
	bool isNew() const { return isNew_; }
	bool changed() const { return changed_; }

private:
	friend class ControlHandler;

	bool isMaster() const { return cluster_->controls[0] == this; }
	bool isManual() const { return value() == cluster_->manualValue; }
	void changeFlag(uint32_t flag, bool set);
	int setPending(ControlValue value, uint32_t changes = 0);
	v4l2_event event(uint32_t changes) const;

	ControlHandler *handler_;
	ControlInfo info_;
	ControlValue value_;
	ControlValue pending_;
	bool isNew_;
	bool changed_;
	std::shared_ptr<ControlCluster> cluster_;
};

/* What a driver does when controls are tried, set or read. */
class ControlOperations
{
public:
	virtual ~ControlOperations() = default;

	/* Controls whose value is a number. */
	virtual int tryControl(const Control &control, int64_t *value);
	virtual int setControl(const Control &control, int64_t value);
	virtual int getVolatile(const Control &control, int64_t *value);

	/* Arrays, structures and strings. */
	virtual int tryData(const Control &control, std::span<uint8_t> data);
	virtual int setData(const Control &control, std::span<const uint8_t> data);
	virtual int getVolatileData(const Control &control, std::span<uint8_t> data);

	/* The changed controls of a cluster at once. */
	virtual int setCluster(std::span<Control *const> controls);
};

} /* namespace fovea::v4l2 */
