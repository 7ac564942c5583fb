/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls: values, ranges, classes, and the ioctls that reach them
 */

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

#include <linux/videodev2.h>

namespace fovea::v4l2 {

class ControlHandler;
class FileHandle;

/* Description of a control, as a driver registers it. */
struct ControlInfo {
	uint32_t id;
	uint32_t type;
	std::string name;
	int64_t minimum;
	int64_t maximum;
	uint64_t step;
	int64_t defaultValue;
	uint32_t flags = 0;
	std::vector<std::string> menu = {};
	std::vector<int64_t> integerMenu = {};
	uint64_t skipMask = 0;
};

class Control
{
public:
	Control(ControlHandler *handler, ControlInfo info);

	uint32_t id() const { return info_.id; }
	const ControlInfo &info() const { return info_; }
	uint32_t flags() const { return info_.flags; }
	int64_t value() const { return value_; }

	int setValue(int64_t value);
	int modifyRange(int64_t minimum, int64_t maximum, uint64_t step,
			int64_t defaultValue);
	void grab(bool grabbed);

private:
	friend class ControlHandler;

	bool isInt() const { return info_.type != V4L2_CTRL_TYPE_INTEGER64; }
	bool isMenu() const;
	v4l2_event event(uint32_t changes) const;

	ControlHandler *handler_;
	ControlInfo info_;
	int64_t value_;
};

/* What a driver does when controls are tried, set or read. */
class ControlOperations
{
public:
	virtual ~ControlOperations() = default;

	virtual int tryControl(const Control &control, int64_t *value);
	virtual int setControl(const Control &control, int64_t value);
	virtual int getVolatile(const Control &control, int64_t *value);
};

class ControlHandler
{
public:
	explicit ControlHandler(ControlOperations *operations = nullptr);

	void setOperations(ControlOperations *operations) { operations_ = operations; }

	Control *add(ControlInfo info);
	Control *addStandard(uint32_t id, int64_t minimum, int64_t maximum,
			     uint64_t step, int64_t defaultValue,
			     uint32_t flags = 0);
	Control *addMenu(uint32_t id, std::vector<std::string> menu,
			 int64_t defaultValue, uint32_t flags = 0);
	Control *addIntegerMenu(uint32_t id, std::vector<int64_t> menu,
				int64_t defaultValue, uint32_t flags = 0);

	Control *find(uint32_t id) const;
	bool empty() const { return controls_.empty(); }

	int ioctl(FileHandle *file, unsigned long request, void *arg);
	int subscribe(FileHandle *file, const v4l2_event_subscription &subscription);

	void addFile(FileHandle *file) { files_.push_back(file); }
	void removeFile(FileHandle *file);

private:
	friend class Control;

	int queryExt(v4l2_query_ext_ctrl *query) const;
	int query(v4l2_queryctrl *query) const;
	int queryMenu(v4l2_querymenu *query) const;
	int get(v4l2_control *control);
	int set(FileHandle *file, v4l2_control *control);
	int getExt(v4l2_ext_controls *controls);
	int trySetExt(FileHandle *file, v4l2_ext_controls *controls, bool set);

	const Control *findNext(uint32_t id, uint32_t flags) const;
	int checkClass(uint32_t which) const;
	int prepare(v4l2_ext_controls *controls,
		    std::vector<Control *> *found) const;
	int validateAll(v4l2_ext_controls *controls,
			const std::vector<Control *> &found, bool set) const;
	int read(Control *control, uint32_t which, int64_t *value);
	int apply(FileHandle *file, Control *control, int64_t *value, bool set,
		  uint32_t changes);
	void sendEvent(FileHandle *source, const Control &control,
		       uint32_t changes);

	ControlOperations *operations_;
	std::map<uint32_t, std::unique_ptr<Control>> controls_;
	std::vector<FileHandle *> files_;
};

} /* namespace fovea::v4l2 */
