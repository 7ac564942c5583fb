/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls without a device: a handler, its driver, two open files
 */

#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "isp_sim/v4l2/control_handler.h"
#include "isp_sim/v4l2/file_handle.h"
#include "isp_sim/v4l2/media_device.h"

namespace fovea::test {

/* A first control that is in no class of the kernel's. */
constexpr uint32_t kCustom = V4L2_CID_USER_BASE | 0xf000;

class ControlTest : public ::testing::Test, protected v4l2::ControlOperations
{
protected:
	class File : public v4l2::FileHandle
	{
	public:
		File(v4l2::MediaDevice *media, v4l2::ControlHandler *handler)
			: FileHandle(media, nullptr), handler_(handler)
		{
			handler_->addFile(this);
		}

		~File() override
		{
			if (registered())
				handler_->removeFile(this);
		}

	protected:
		int deviceIoctl(unsigned long request, void *arg) override
		{
			return handler_->ioctl(this, request, arg);
		}

		unsigned int devicePoll() const override { return 0; }

		void leaveDevice() override
		{
			handler_->removeFile(this);
			FileHandle::leaveDevice();
		}

	private:
		v4l2::ControlHandler *handler_;
	};

	ControlTest()
		: media_({ "test", "Test device", "", "platform:test", 1 }), handler_(this),
		  file_(&media_, &handler_), other_(&media_, &handler_)
	{
	}

	static v4l2_ext_control control(uint32_t id, int32_t value = 0)
	{
		v4l2_ext_control result = {};
		result.id = id;
		result.value = value;
		return result;
	}

	template<typename T>
	static v4l2_ext_control payload(uint32_t id, std::vector<T> *data)
	{
		v4l2_ext_control result = {};
		result.id = id;
		result.size = data->size() * sizeof(T);
		result.ptr = data->data();
		return result;
	}

	int ext(unsigned long request, std::vector<v4l2_ext_control> *controls,
		uint32_t which = V4L2_CTRL_WHICH_CUR_VAL)
	{
		v4l2_ext_controls arg = {};
		arg.which = which;
		arg.count = controls->size();
		arg.controls = controls->data();
		int ret = file_.ioctl(request, &arg);
		errorIndex_ = arg.error_idx;
		return ret;
	}

	int ext(unsigned long request, v4l2_ext_control *one,
		uint32_t which = V4L2_CTRL_WHICH_CUR_VAL)
	{
		std::vector<v4l2_ext_control> controls{ *one };
		int ret = ext(request, &controls, which);
		*one = controls[0];
		return ret;
	}

	v4l2_query_ext_ctrl query(uint32_t id)
	{
		v4l2_query_ext_ctrl result = {};
		result.id = id;
		EXPECT_EQ(file_.ioctl(VIDIOC_QUERY_EXT_CTRL, &result), 0);
		return result;
	}

	v4l2::MediaDevice media_;
	v4l2::ControlHandler handler_;
	File file_;
	File other_;
	uint32_t errorIndex_ = 0;
};

} /* namespace fovea::test */
