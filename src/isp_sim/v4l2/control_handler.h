/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The controls of a device, and the ioctls that reach them
 */

#pragma once

#include <map>
#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

#include <linux/videodev2.h>

#include "control.h"

namespace fovea::v4l2 {

class FileHandle;

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
	Control *addStandardMenu(uint32_t id, int64_t maximum, uint64_t skipMask,
				 int64_t defaultValue, uint32_t flags = 0);
	Control *addIntegerMenu(uint32_t id, std::vector<int64_t> menu,
				int64_t defaultValue, uint32_t flags = 0);

	void cluster(std::vector<Control *> controls);
	void autoCluster(std::vector<Control *> controls, int64_t manualValue,
			 bool followersVolatile);

	Control *find(uint32_t id) const;
	bool empty() const { return controls_.empty(); }

	int ioctl(FileHandle *file, unsigned long request, void *arg);
	int subscribe(FileHandle *file, const v4l2_event_subscription &subscription);

	void addFile(FileHandle *file) { files_.push_back(file); }
	void removeFile(FileHandle *file);

	std::string status() const;

private:
	friend class Control;

	/* control_ioctls.cpp */
	int queryExt(v4l2_query_ext_ctrl *query) const;
	int query(v4l2_queryctrl *query) const;
	int queryMenu(v4l2_querymenu *query) const;
	int get(v4l2_control *control);
	int set(FileHandle *file, v4l2_control *control);
	int getExt(v4l2_ext_controls *controls);
	int trySetExt(FileHandle *file, v4l2_ext_controls *controls, bool set);

	const Control *findNext(uint32_t id, uint32_t flags) const;
	int checkClass(uint32_t which) const;
	int checkSize(const Control &control, v4l2_ext_control *ext, bool get) const;
	int prepare(v4l2_ext_controls *controls, bool get,
		    std::vector<Control *> *found) const;
	int validateAll(v4l2_ext_controls *controls,
			const std::vector<Control *> &found, bool set) const;
	int applyExt(FileHandle *file, v4l2_ext_controls *controls,
		     const std::vector<Control *> &found, size_t first, bool set);

	/* control_handler.cpp */
	Control *findPrivate(uint32_t index) const;
	int read(Control *control, uint32_t which, ControlValue *value);
	int readVolatile(Control *control, ControlValue *value);
	void begin(ControlCluster &cluster);
	void leaveAutomatic(ControlCluster &cluster, int64_t newValue);
	int apply(FileHandle *file, ControlCluster &cluster, bool set,
		  uint32_t changes = 0);
	int tryPending(ControlCluster &cluster);
	bool markChanges(ControlCluster &cluster, bool turnsManual);
	int commit(ControlCluster &cluster);
	void updateFollowers(ControlCluster &cluster);
	void sendEvent(FileHandle *source, const Control &control,
		       uint32_t changes);

	ControlOperations *operations_;
	std::map<uint32_t, std::unique_ptr<Control>> controls_;
	std::vector<FileHandle *> files_;
};

} /* namespace fovea::v4l2 */
