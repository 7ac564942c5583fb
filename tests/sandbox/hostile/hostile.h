/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * An IPA module that works, to be made hostile
 */

#pragma once

#include <map>
#include <string>
#include <string.h>
#include <sys/mman.h>

#include <linux/fovea-isp.h>
#include <linux/v4l2-controls.h>

#include <libcamera/control_ids.h>

#include <libcamera/ipa/fovea_ipa_interface.h>
#include <libcamera/ipa/ipa_interface.h>
#include <libcamera/ipa/ipa_module_info.h>

namespace hostile {

using namespace libcamera;
using namespace libcamera::ipa::fovea;

/* The frame at which modules that work at first become hostile. */
inline constexpr uint32_t kFrame = 5;

/*
 * Parameters that change nothing, no sensor controls, empty metadata. 'at' is
 * called first in each callback, with its name.
 */
class Module : public IPAFoveaInterface
{
public:
	virtual void at([[maybe_unused]] const char *callback) {}
	virtual void atFrame([[maybe_unused]] uint32_t frame, [[maybe_unused]] uint32_t params) {}

	~Module() { at("destructor"); }

	int32_t init(const IPASettings &, const IPAConfigInfo &config,
		     ControlInfoMap *ipaControls) override
	{
		at("init");
		sensorControls_ = config.sensorControls;
		*ipaControls = ControlInfoMap({}, controls::controls);
		return 0;
	}

	int32_t configure(const IPAConfigInfo &config, ControlInfoMap *ipaControls) override
	{
		at("configure");
		sensorControls_ = config.sensorControls;
		*ipaControls = ControlInfoMap({}, controls::controls);
		return 0;
	}

	void start(const ControlList &, const IPAFoveaState &, ControlList *sensorControls,
		   int32_t *ret) override
	{
		at("start");
		*sensorControls = ControlList(sensorControls_);
		*ret = 0;
	}

	void stop() override { at("stop"); }

	void mapBuffers(const std::vector<IPABuffer> &buffers) override
	{
		at("mapBuffers");
		for (const IPABuffer &buffer : buffers) {
			const FrameBuffer::Plane &plane = buffer.planes[0];
			void *memory = mmap(nullptr, plane.offset + plane.length,
					    PROT_READ | PROT_WRITE, MAP_SHARED, plane.fd.get(), 0);
			if (memory != MAP_FAILED)
				buffers_[buffer.id] = { static_cast<char *>(memory) + plane.offset,
							plane.length };
		}
	}

	void unmapBuffers(const std::vector<uint32_t> &) override { at("unmapBuffers"); }

	void queueRequest(uint32_t, const ControlList &) override { at("queueRequest"); }

	void computeParams(uint32_t frame, uint32_t id) override
	{
		at("computeParams");
		const v4l2_isp_params_buffer header{ V4L2_ISP_PARAMS_VERSION_V1, 0 };
		if (buffers_.count(id))
			memcpy(buffers_[id].first, &header, sizeof(header));
		atFrame(frame, id);
		paramsComputed.emit(frame, buffers_.count(id) ? sizeof(header) : 0);
	}

	void processStats(uint32_t frame, uint32_t, const ControlList &) override
	{
		at("processStats");
		setSensorControls.emit(frame, ControlList(sensorControls_));
		metadataReady.emit(frame, ControlList(controls::controls), {});
	}

protected:
	ControlInfoMap sensorControls_;
	std::map<uint32_t, std::pair<char *, size_t>> buffers_;
};

} /* namespace hostile */

/* NOLINTNEXTLINE: the class is the argument */
#define HOSTILE_MODULE(type)						\
namespace libcamera {							\
extern "C" {								\
const IPAModuleInfo ipaModuleInfo = {					\
	IPA_MODULE_API_VERSION, 1, "fovea", "fovea"			\
};									\
									\
IPAInterface *ipaCreate()						\
{									\
	return new type();						\
}									\
}									\
}
