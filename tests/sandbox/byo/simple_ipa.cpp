/* SPDX-License-Identifier: CC0-1.0 */
/*
 * An IPA module for the Fovea ISP that knows nothing of Fovea's sources: automatic
 * exposure towards a mean grey, white balance by the grey-world assumption.
 *
 * Built with nothing but what 'pkg-config fovea-ipa' gives; see docs/byo-ipa.md.
 */

#include <algorithm>
#include <cmath>
#include <map>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/fovea-isp.h>
#include <linux/v4l2-controls.h>

#include <libcamera/control_ids.h>

#include <libcamera/ipa/fovea_ipa_interface.h>
#include <libcamera/ipa/ipa_interface.h>
#include <libcamera/ipa/ipa_module_info.h>

using namespace libcamera;
using namespace libcamera::ipa::fovea;

namespace {

/* Mean grey of the 14-bit working range that exposure aims at. */
constexpr double kTarget = 0.18 * 16383;

/* A gain of 1 in the UQ4.12 format of fovea_isp_wb_gains. */
constexpr double kUnity = 4096;

class SimpleIpa : public IPAFoveaInterface
{
public:
	int32_t init(const IPASettings &, const IPAConfigInfo &config,
		     ControlInfoMap *ipaControls) override
	{
		return configure(config, ipaControls);
	}

	int32_t configure(const IPAConfigInfo &config, ControlInfoMap *ipaControls) override
	{
		const auto exposure = config.sensorControls.find(V4L2_CID_EXPOSURE);
		if (exposure == config.sensorControls.end())
			return -EINVAL;

		sensorControls_ = config.sensorControls;
		longest_ = exposure->second.max().get<int32_t>();
		exposure_ = std::min(exposure_, longest_);
		*ipaControls = ControlInfoMap({ { &controls::ExposureValue, ControlInfo(-2.0f, 2.0f, 0.0f) } },
					      controls::controls);
		return 0;
	}

	void start(const ControlList &, const IPAFoveaState &state,
		   ControlList *sensorControls, int32_t *ret) override
	{
		/* A worker that takes over in mid-stream goes on where the last one was. */
		if (state.valid && state.exposure > 0)
			exposure_ = std::min(state.exposure, longest_);

		*sensorControls = exposureControl();
		*ret = 0;
	}

	void stop() override {}

	void mapBuffers(const std::vector<IPABuffer> &buffers) override
	{
		for (const IPABuffer &buffer : buffers) {
			const FrameBuffer::Plane &plane = buffer.planes[0];
			/* Statistics can only be read. */
			void *memory = MAP_FAILED;
			for (int protection : { PROT_READ | PROT_WRITE, PROT_READ }) {
				memory = mmap(nullptr, plane.offset + plane.length, protection,
					      MAP_SHARED, plane.fd.get(), 0);
				if (memory != MAP_FAILED)
					break;
			}
			if (memory != MAP_FAILED)
				buffers_[buffer.id] = static_cast<uint8_t *>(memory) + plane.offset;
		}
	}

	void unmapBuffers(const std::vector<uint32_t> &ids) override
	{
		for (uint32_t id : ids)
			buffers_.erase(id);
	}

	void queueRequest(uint32_t, const ControlList &controls) override
	{
		bias_ = controls.get(controls::ExposureValue).value_or(bias_);
	}

	void computeParams(uint32_t frame, uint32_t id) override
	{
		struct {
			uint32_t version;
			uint32_t size;
			fovea_isp_wb_gains gains;
		} params{ V4L2_ISP_PARAMS_VERSION_V1, sizeof(params.gains), {} };
		params.gains.header = { FOVEA_ISP_BLOCK_WB_GAINS, V4L2_ISP_PARAMS_FL_BLOCK_ENABLE,
					sizeof(params.gains) };
		params.gains.r = std::lround(red_ * kUnity);
		params.gains.gr = params.gains.gb = kUnity;
		params.gains.b = std::lround(blue_ * kUnity);

		const auto buffer = buffers_.find(id);
		if (buffer != buffers_.end())
			memcpy(buffer->second, &params, sizeof(params));
		paramsComputed.emit(frame, buffer != buffers_.end() ? sizeof(params) : 0);
	}

	void processStats(uint32_t frame, uint32_t id, const ControlList &) override
	{
		const auto buffer = buffers_.find(id);
		if (buffer != buffers_.end())
			measure(*reinterpret_cast<const fovea_isp_stats_buffer *>(buffer->second));

		ControlList metadata(controls::controls);
		metadata.set(controls::ColourGains,
			     Span<const float, 2>({ static_cast<float>(red_), static_cast<float>(blue_) }));
		IPAFoveaState state;
		state.valid = true;
		state.exposure = exposure_;
		state.analogueGain = state.digitalGain = 1.0;
		state.redGain = red_;
		state.blueGain = blue_;

		setSensorControls.emit(frame, exposureControl());
		metadataReady.emit(frame, metadata, state);
	}

private:
	void measure(const fovea_isp_stats_buffer &stats)
	{
		double red = 0, green = 0, blue = 0, count = 0;
		for (const fovea_isp_awb_zone &zone : stats.awb_zones) {
			red += zone.r;
			green += zone.g;
			blue += zone.b;
			count += zone.count;
		}
		if (!(red > 0 && green > 0 && blue > 0))
			return;

		red_ = std::clamp(green / red, 0.5, 4.0);
		blue_ = std::clamp(green / blue, 0.5, 4.0);

		const double wanted = exposure_ * std::exp2(bias_) * kTarget / (green / count);
		exposure_ = std::clamp<double>(exposure_ + 0.2 * (wanted - exposure_), 1, longest_);
	}

	ControlList exposureControl() const
	{
		ControlList list(sensorControls_);
		list.set(V4L2_CID_EXPOSURE, exposure_);
		return list;
	}

	ControlInfoMap sensorControls_;
	std::map<uint32_t, uint8_t *> buffers_;
	int32_t exposure_ = 500;
	int32_t longest_ = 500;
	float bias_ = 0;
	double red_ = 1;
	double blue_ = 1;
};

} /* namespace */

namespace libcamera {

extern "C" {

const IPAModuleInfo ipaModuleInfo = { IPA_MODULE_API_VERSION, 1, "fovea", "simple" };

IPAInterface *ipaCreate()
{
	return new SimpleIpa();
}
}

} /* namespace libcamera */
