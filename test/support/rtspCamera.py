"""Plays one raw video file in a loop as an RTSP camera on 127.0.0.1, with GStreamer's server. Prints its port.

usage: rtspCamera.py FILE.h264|FILE.h265 RATE PORT [USER PASSWORD] [--udp | --tcp] [--sound] [--basic]
"""
import sys

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstRtsp', '1.0')
gi.require_version('GstRtspServer', '1.0')
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

flags = [one for one in sys.argv[1:] if one in ('--udp', '--tcp', '--sound', '--basic')]
words = [one for one in sys.argv[1:] if one not in flags]
path, rate, port = words[:3]
codec = path.rsplit('.', 1)[1]

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address('127.0.0.1')
server.set_service(port)

# The detour through a transport stream gives the looped frames timestamps that go on.
media = GstRtspServer.RTSPMediaFactory()
media.set_launch(
    f'( multifilesrc location="{path}" loop=true caps="video/x-{codec},stream-format=byte-stream,framerate={rate}/1" '
    f'! {codec}parse ! mpegtsmux ! tsdemux ! {codec}parse ! rtp{codec}pay name=pay0 pt=96 config-interval=-1 '
    + ('audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay1 pt=8 ' if '--sound' in flags else '') + ')')
media.set_shared(True)
for name, protocol in (('--udp', 1), ('--tcp', 4)):
    if name in flags:
        media.set_protocols(GstRtsp.RTSPLowerTrans(protocol))

if len(words) > 4:
    role = 'viewer'
    permissions = GstRtspServer.RTSPPermissions()
    for permission in (GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT):
        permissions.add_permission_for_role(role, permission, True)
    media.set_permissions(permissions)
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, role)
    auth = GstRtspServer.RTSPAuth()
    if '--basic' in flags:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(words[3], words[4]), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(words[3], words[4], token)
    server.set_auth(auth)

server.get_mount_points().add_factory('/cam', media)
if server.attach(None) == 0:
    sys.exit('the port is taken')
print(f'ready {server.get_bound_port()}', flush=True)
GLib.MainLoop().run()
