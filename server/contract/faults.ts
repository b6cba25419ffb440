/**
 * Every error code of the product: its HTTP status, its cause and its next step in both languages. This is the only
 * list; a code that is not here does not compile, and a test proves that each is used and documented.
 */
interface FaultText { title: string; next: string }
interface FaultEntry { status: number; vi: FaultText; en: FaultText }
const fault = (status: number, viTitle: string, viNext: string, enTitle: string, enNext: string): FaultEntry =>
  ({ status, vi: { title: viTitle, next: viNext }, en: { title: enTitle, next: enNext } });

export const FAULTS = {
  // The request as a whole
  malformed_json: fault(400, 'Nội dung không phải JSON hợp lệ', 'Kiểm tra cú pháp JSON và mã hoá UTF-8 rồi gửi lại.', 'The body is not valid JSON', 'Check the JSON syntax and the UTF-8 encoding, then send again.'),
  invalid_request: fault(400, 'Yêu cầu không đúng dạng', 'Sửa các trường được nêu trong "errors" rồi gửi lại.', 'The request does not have the required form', 'Correct the fields named in "errors", then send again.'),
  body_not_events: fault(400, 'Nội dung phải là mảng JSON hoặc NDJSON các sự kiện', 'Gửi một mảng JSON, hoặc mỗi dòng một sự kiện với application/x-ndjson.', 'The body must be a JSON array or NDJSON of events', 'Send a JSON array, or one event a line as application/x-ndjson.'),
  body_too_large: fault(413, 'Nội dung quá lớn', 'Chia thành nhiều lần gửi, mỗi lần tối đa 16 MB và 10.000 sự kiện.', 'The body is too large', 'Send in several parts of at most 16 MB and 10,000 events each.'),
  unsupported_media_type: fault(415, 'Loại nội dung không được hỗ trợ', 'Dùng application/json hoặc application/x-ndjson, UTF-8.', 'The content type is not supported', 'Use application/json or application/x-ndjson, in UTF-8.'),
  not_found: fault(404, 'Không tìm thấy', 'Kiểm tra đường dẫn, hoặc phạm vi đơn vị của tài khoản.', 'Not found', 'Check the address, or the unit scope of the account.'),
  method_not_allowed: fault(405, 'Phương thức không được phép', 'Xem tài liệu tại /api/docs.', 'The method is not allowed', 'See the documentation at /api/docs.'),
  internal: fault(500, 'Lỗi bên trong hệ thống', 'Thử lại; nếu còn lỗi, gửi mã yêu cầu cho quản trị viên.', 'An internal error', 'Try again; if it stays, give the request id to the administrator.'),
  unavailable: fault(503, 'Hệ thống tạm thời chưa sẵn sàng', 'Gửi lại sau số giây ghi ở Retry-After; dữ liệu chưa được ghi nhận.', 'The centre is not ready for the moment', 'Send again after the seconds in Retry-After; nothing was recorded.'),
  database_away: fault(503, 'Cơ sở dữ liệu tạm thời không truy cập được', 'Gửi lại sau số giây ghi ở Retry-After; dữ liệu chưa được ghi nhận.', 'The database cannot be reached for the moment', 'Send again after the seconds in Retry-After; nothing was recorded.'),
  rate_limited: fault(429, 'Quá nhiều yêu cầu', 'Chờ số giây ghi ở Retry-After rồi thử lại.', 'Too many requests', 'Wait for the seconds in Retry-After, then try again.'),

  // Who asks
  unauthenticated: fault(401, 'Chưa đăng nhập', 'Đăng nhập rồi thử lại.', 'Not signed in', 'Sign in, then try again.'),
  wrong_credentials: fault(401, 'Sai tên đăng nhập hoặc mật khẩu', 'Kiểm tra lại; sau nhiều lần sai, hệ thống sẽ trả lời chậm dần.', 'Wrong user name or password', 'Check them; after several failures the answer slows down.'),
  second_factor_required: fault(401, 'Cần mã xác thực bước hai', 'Nhập mã 6 số trong ứng dụng xác thực, hoặc một mã khôi phục, trong 5 phút (POST /session/second-factor).', 'A second factor is needed', 'Enter the 6 digits of the authenticator app, or a recovery code, within 5 minutes (POST /session/second-factor).'),
  wrong_code: fault(401, 'Mã không đúng, đã dùng hoặc hết hạn', 'Chờ mã kế tiếp trong ứng dụng rồi nhập lại; nếu vẫn sai, kiểm tra đồng hồ của điện thoại hoặc dùng mã khôi phục.', 'The code is wrong, used or past', 'Wait for the next code of the app; if it is refused too, check the clock of the phone or use a recovery code.'),
  sign_in_again: fault(401, 'Phiên đăng nhập dở dang đã hết hạn', 'Nhập lại tên và mật khẩu.', 'The sign-in that was begun is over', 'Enter the name and the password again.'),
  sign_in_fresh: fault(403, 'Cần đăng nhập lại trước việc này', 'Đăng xuất, đăng nhập lại qua nhà cung cấp tài khoản, rồi làm việc này trong 10 phút.', 'A fresh sign-in is needed for this', 'Sign out, sign in again at the issuer, then do this within 10 minutes.'),
  oidc_account: fault(409, 'Tài khoản này do nhà cung cấp tài khoản của tỉnh quản lý', 'Đổi nhóm hoặc mật khẩu ở nhà cung cấp tài khoản; ở đây chỉ khoá hoặc mở được tài khoản.', 'This account is kept by the issuer', 'Change its groups or its password at the issuer; here it can only be locked or unlocked.'),
  issuer_away: fault(503, 'Nhà cung cấp tài khoản tạm thời không trả lời', 'Thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu nếu có tài khoản riêng ở đây.', 'The issuer does not answer for the moment', 'Try again in some minutes, or sign in with a password if you have an account here.'),
  second_factor_enrolment_required: fault(403, 'Tài khoản này phải đăng ký xác thực bước hai trước khi dùng tiếp', 'Mở trang Tài khoản và đăng ký ứng dụng xác thực.', 'This account must enrol a second factor before it is used further', 'Open the page Account and enrol an authenticator app.'),
  second_factor_state: fault(409, 'Chưa bắt đầu đăng ký xác thực bước hai', 'Bắt đầu đăng ký lại từ đầu.', 'No enrolment of a second factor was begun', 'Begin the enrolment again.'),
  wrong_password: fault(403, 'Mật khẩu hiện tại không đúng', 'Nhập lại mật khẩu hiện tại của bạn.', 'The present password is wrong', 'Enter your present password again.'),
  invitation_invalid: fault(404, 'Liên kết mời không còn giá trị', 'Đề nghị quản trị viên gửi liên kết mới; mỗi liên kết dùng một lần, trong 72 giờ.', 'The invitation is no longer good', 'Ask the administrator for a new link; each is good once, for 72 hours.'),
  second_person: fault(409, 'Cần một quản trị viên khác', 'Đề nghị một quản trị viên khác mở yêu cầu này.', 'Another administrator is needed', 'Ask another administrator to open this request.'),
  decision_required: fault(400, 'Cần nêu số quyết định', 'Ghi số quyết định cho phép xem bản ghi vào trường "decision".', 'The number of the decision is needed', 'Put the number of the decision that allows the look into "decision".'),
  key_rotating: fault(409, 'Khoá này còn bí mật cũ đang có hiệu lực', 'Chờ bí mật cũ hết hạn, hoặc chấm dứt nó (DELETE /ingest-keys/:id/old), rồi đổi lại.', 'The old secret of this key still lives', 'Wait until it ends, or end it (DELETE /ingest-keys/:id/old), then rotate again.'),
  signature_invalid: fault(401, 'Chữ ký của yêu cầu không hợp lệ', 'Ký lại theo tài liệu: phương thức, đường dẫn, thời điểm, nonce, SHA-256 của nội dung; kiểm tra khoá.', 'The signature of the request is not valid', 'Sign as documented: method, path, time, nonce, SHA-256 of the body; check the key.'),
  signature_time: fault(401, 'Thời điểm ký lệch quá 300 giây', 'Chỉnh đồng hồ của máy gửi (NTP) rồi ký lại.', 'The time of the signature is more than 300 seconds off', 'Set the clock of the sender (NTP), then sign again.'),
  signature_replayed: fault(401, 'Yêu cầu đã ký này đã được nhận', 'Dùng nonce mới cho mỗi lần gửi, kể cả khi gửi lại.', 'This signed request was received already', 'Use a new nonce for each sending, also for a repeated one.'),
  forbidden: fault(403, 'Tài khoản không có quyền này', 'Đề nghị quản trị viên cấp vai trò phù hợp.', 'The account does not have this right', 'Ask the administrator for the role that has it.'),
  foreign_origin: fault(403, 'Yêu cầu đến từ trang khác', 'Mở trang của trung tâm rồi thử lại.', 'The request comes from another site', 'Open the page of the centre and try again.'),
  key_invalid: fault(401, 'Khoá nạp dữ liệu không hợp lệ hoặc đã thu hồi', 'Tạo khoá mới ở trang Quản trị và gửi trong Authorization: Bearer.', 'The ingest key is not valid or was revoked', 'Create a new key in the administration and send it as Authorization: Bearer.'),
  key_kind: fault(403, 'Khoá không được dùng cho loại dữ liệu này', 'Dùng khoá có loại dữ liệu này, hoặc tạo khoá mới.', 'The key is not for this kind of data', 'Use a key for this kind, or create one.'),

  // One event of an ingest
  not_an_object: fault(422, 'Sự kiện phải là một đối tượng JSON', 'Sửa sự kiện này rồi gửi lại.', 'An event must be a JSON object', 'Correct this event and send it again.'),
  invalid_event: fault(422, 'Sự kiện không đúng dạng', 'Sửa trường được nêu rồi gửi lại sự kiện này.', 'The event does not have the required form', 'Correct the named field and send this event again.'),
  unknown_field: fault(422, 'Sự kiện có trường không được nhận', 'Bỏ trường được nêu rồi gửi lại.', 'The event has a field that is not accepted', 'Leave out the named field and send again.'),
  personal_data: fault(422, 'Không nhận dữ liệu cá nhân của công dân', 'Bỏ trường được nêu ở hệ thống nguồn rồi gửi lại; giá trị của nó không được lưu.', 'Personal data of citizens is not accepted', 'Leave out the named field at the source and send again; its value was not stored.'),
  unknown_unit: fault(422, 'Mã đơn vị không có trong cây đơn vị', 'Kiểm tra mã, hoặc bổ sung đơn vị trong config/units rồi phát lại sự kiện.', 'The unit code is not in the unit tree', 'Check the code, or add the unit in config/units and replay the event.'),
  unit_not_valid_then: fault(422, 'Đơn vị chưa có hoặc không còn vào ngày của sự kiện', 'Gửi mã đơn vị có hiệu lực vào ngày đó (GET /units?at=…), hoặc sửa thời kỳ trong config/units rồi phát lại sự kiện.', 'The unit was not there on the day of the event', 'Send the code of the unit of that day (GET /units?at=…), or correct the periods in config/units and replay the event.'),
  unit_out_of_scope: fault(422, 'Đơn vị ngoài phạm vi của khoá', 'Dùng khoá của đơn vị đó.', 'The unit is outside the reach of the key', 'Use a key that reaches this unit.'),
  unit_required: fault(422, 'Sự kiện đầu tiên của hồ sơ phải có đơn vị', 'Thêm trường "unit" rồi gửi lại.', 'The first event of a dossier must name its unit', 'Add "unit" and send again.'),
  procedure_required: fault(422, 'Sự kiện đầu tiên của hồ sơ phải có thủ tục', 'Thêm trường "procedure" rồi gửi lại.', 'The first event of a dossier must name its procedure', 'Add "procedure" and send again.'),
  new_due_required: fault(422, 'Thư xin lỗi phải có ngày hẹn lại', 'Thêm trường "newDueAt" rồi gửi lại.', 'A letter of apology must name the new date', 'Add "newDueAt" and send again.'),
  time_in_future: fault(422, 'Thời điểm ở tương lai', 'Kiểm tra đồng hồ và múi giờ của hệ thống nguồn rồi gửi lại.', 'The time lies in the future', 'Check the clock and the zone of the source, then send again.'),
  event_id_taken: fault(422, 'Mã sự kiện đã được dùng cho một sự kiện khác', 'Mỗi sự kiện cần mã riêng, không trùng giữa các quầy và các hệ thống: thêm mã đơn vị hoặc tên hệ thống vào trước, rồi gửi lại.', 'The event id was used for another event', 'Each event needs an id of its own, also among several desks and systems: put the unit or the name of the system before it, then send again.'),
  past_retention: fault(422, 'Sự kiện cũ hơn thời hạn lưu sự kiện', 'Không gửi lại: lượt của những ngày này đã chốt. Muốn nạp dữ liệu cũ, tăng eventRetentionMonths trước.', 'The event is older than events are kept', 'Do not send it again: the tickets of these days are final. To bring in old data, raise eventRetentionMonths first.'),
  value_out_of_range: fault(422, 'Giá trị không thể có của chỉ tiêu này', 'Tỷ lệ gửi dạng 0 đến 1 (97% là 0.97), số lượng không âm; sửa giá trị rồi gửi lại. Định nghĩa của chỉ tiêu: GET /indicators.', 'The value is not possible for this indicator', 'A share is sent as 0 to 1 (97 % is 0.97), an amount is not negative; correct the value and send again. Definitions: GET /indicators.'),
  time_out_of_range: fault(422, 'Thời điểm ngoài khoảng cho phép', 'Kiểm tra năm và định dạng ngày rồi gửi lại.', 'The time is out of range', 'Check the year and the date format, then send again.'),

  // A file of the mapping assistant
  import_unreadable: fault(422, 'Không đọc được tệp', 'Mở tệp, lưu lại thành .xlsx hoặc «CSV UTF-8» rồi chọn lại.', 'The file cannot be read', 'Open it, save it as .xlsx or «CSV UTF-8», and choose it again.'),
  import_state: fault(409, 'Lần nhập không ở trạng thái cho phép thao tác này', 'Tải lại danh sách rồi chọn thao tác khác.', 'The import is not in a state that allows this', 'Load the list again and choose another action.'),
  import_offset: fault(409, 'Phần tệp không nối tiếp phần đã nhận', 'Gửi tiếp từ số byte đã nhận (GET /imports).', 'The piece does not follow what was received', 'Go on from the bytes that were received (GET /imports).'),
  import_room: fault(409, 'Tệp quá lớn, hoặc không đủ chỗ trên ổ đĩa', 'Chia tệp, tăng imports.fileMb, hoặc đề nghị quản trị viên giải phóng chỗ trong DATA_DIR.', 'The file is too large, or there is no room on the disk', 'Split the file, raise imports.fileMb, or ask the administrator to make room in DATA_DIR.'),
  import_mapping: fault(422, 'Ánh xạ có lỗi', 'Sửa ánh xạ ở dòng và cột được nêu rồi gửi lại.', 'The mapping has errors', 'Correct the mapping at the line and column named, then send again.'),

  unknown_cell_unit: fault(422, 'Mã đơn vị không có, hoặc ngoài phạm vi của tài khoản', 'Sửa mã đơn vị ở dòng này (xem GET /units) rồi chọn lại tệp.', 'There is no unit of this code, or it is outside the scope of the account', 'Correct the unit in this row (see GET /units), then choose the file again.'),
  invalid_cell: fault(422, 'Ô không đúng dạng', 'Sửa ô ở dòng và cột được nêu rồi chọn lại tệp; các dòng đã nhận sẽ được báo là đã có.', 'The cell does not have the required form', 'Correct the cell at the row and column named, then choose the file again; rows that are in will be told as existing.'),

  // Figures, alerts
  bad_period: fault(400, 'Khoảng thời gian không hợp lệ', 'Dùng from và to dạng YYYY-MM-DD, from không sau to, tối đa 10 năm.', 'The period is not valid', 'Use from and to as YYYY-MM-DD, from not after to, ten years at most.'),
  alert_state: fault(409, 'Cảnh báo không ở trạng thái cho phép thao tác này', 'Tải lại cảnh báo rồi chọn thao tác khác.', 'The alert is not in a state that allows this', 'Load the alert again and choose another action.'),
  assignee_unknown: fault(422, 'Không giao được cho tài khoản này', 'Chọn một tài khoản đang hoạt động, thấy được đơn vị của cảnh báo và nằm trong phạm vi của bạn.', 'The alert cannot be given to this account', 'Choose an account that is enabled, sees the unit of the alert and lies in your scope.'),
  conflict: fault(409, 'Đã tồn tại', 'Chọn mã hoặc tên khác.', 'It exists already', 'Choose another code or name.'),
  changed_meanwhile: fault(409, 'Nội dung đã thay đổi', 'Tải lại trang, đọc nội dung mới rồi thực hiện lại.', 'It has changed meanwhile', 'Reload, read the new text and try again.'),
  scene_ships: fault(409, 'Cảnh đi kèm phần mềm không sửa được', 'Tạo một bản sao rồi sửa bản sao.', 'A scene that ships cannot be changed', 'Make a copy and change the copy.'),
  pairing_code: fault(404, 'Mã ghép nối không đúng hoặc đã hết hạn', 'Đọc lại sáu chữ số đang hiện trên màn hình; mã đổi sau 10 phút.', 'The pairing code is wrong or has expired', 'Read the six digits on the screen again; they change after 10 minutes.'),
  wall_member: fault(409, 'Màn hình này là một phần của tường màn hình', 'Thao tác trên cả tường, hoặc bỏ màn hình ra khỏi tường trước.', 'This screen is a part of a wall', 'Do it with the whole wall, or take the screen out of the wall first.'),
  wall_places: fault(422, 'Không ghép được tường từ các màn hình này', 'Chọn các màn hình đã ghép, cùng đơn vị với tường và chưa thuộc tường nào khác.', 'No wall can be made of these screens', 'Choose paired screens of the unit of the wall that belong to no other wall.'),
  screen_scope: fault(422, 'Màn hình này không được xem nội dung đó', 'Chọn màn hình của đơn vị ấy hoặc của cấp trên, hoặc đổi đơn vị của màn hình.', 'This screen may not show that', 'Choose a screen of that unit or of one above it, or change the unit of the screen.'),
  last_admin: fault(409, 'Không thể bỏ quản trị viên cuối cùng', 'Tạo một quản trị viên khác trước.', 'The last administrator cannot be removed', 'Create another administrator first.'),

  // Cameras and recordings
  camera_address: fault(400, 'Địa chỉ camera không được phép', 'Dùng rtsp:// với địa chỉ nằm trong mạng camera (CAMERA_NETWORKS); hỏi quản trị viên để bổ sung mạng.', 'The camera address is not allowed', 'Use rtsp:// with an address inside the camera networks (CAMERA_NETWORKS); ask the administrator to add the network.'),
  camera_credentials_in_url: fault(400, 'Không ghi tên và mật khẩu trong địa chỉ', 'Điền vào hai trường riêng: tên đăng nhập và mật khẩu.', 'The address must not contain a user or password', 'Put them into their own two fields.'),
  camera_password_again: fault(400, 'Đổi máy chủ hoặc tên đăng nhập của camera thì phải nhập lại mật khẩu', 'Gửi kèm "password" (null nếu camera không cần); mật khẩu đã lưu không bao giờ được gửi tới địa chỉ khác.', 'A change of the host or user of a camera needs its password again', 'Send "password" with it (null where the camera needs none); a stored password never goes to another address.'),
  camera_unit_fixed: fault(409, 'Mã camera này gắn với đơn vị khác', 'Tạo camera với mã mới cho đơn vị mới; bản ghi cũ thuộc đơn vị cũ và không đi theo camera.', 'This camera id belongs to another unit', 'Create a camera with a new id for the new unit; what was recorded stays with the old unit.'),
  camera_away: fault(503, 'Camera đang mất kết nối', 'Xem lý do ở thẻ camera; hệ thống tự thử lại.', 'The camera is away', 'See the reason on its tile; the centre tries again by itself.'),
  node_away: fault(503, 'Nút hình ảnh đang mất kết nối', 'Hệ thống tự khởi động lại; thử lại sau vài giây.', 'The media node is away', 'It is started again by itself; try again in a few seconds.'),
  node_revoked: fault(403, 'Khoá của nút hình ảnh đã bị thu hồi', 'Tạo khoá mới cho nút ở trang Quản trị, đặt vào NODE_SECRET rồi khởi động lại nút.', 'The key of the media node was revoked', 'Make a new key for it in the administration, put it into NODE_SECRET and start the node again.'),
  node_own: fault(409, 'Đây là nút của chính trung tâm', 'Nút này do trung tâm khởi động; chuyển camera sang nút khác nếu không muốn dùng.', 'This is the centre\'s own node', 'It is started by the centre; move its cameras to another node if it is not wanted.'),
  ticket_invalid: fault(403, 'Vé xem trực tiếp không hợp lệ, đã dùng hoặc hết hạn', 'Xin vé mới rồi mở lại.', 'The live ticket is not valid, used or expired', 'Ask for a new ticket and open again.'),
  uplink_full: fault(503, 'Đường truyền của điểm này đã đủ tải', 'Xem luồng phụ (hình nhỏ), hoặc chờ người khác đóng hình lớn; quản trị viên có thể tăng mức đường truyền của đơn vị.', 'The line of this desk carries all that it may', 'Watch the sub-stream (the small picture), or wait until somebody closes a large one; an administrator can raise the limit of the unit.'),
  transcode_limit: fault(503, 'Đã đủ số camera được chuyển mã cùng lúc', 'Đóng một hình đang xem của camera H.265, hoặc đặt luồng phụ H.264 cho camera này; số tối đa là "transcodings" trong config/centre.yaml.', 'As many cameras are transcoded as may be at once', 'Close another picture of an H.265 camera, or give this camera a sub-stream in H.264; the most is "transcodings" in config/centre.yaml.'),
  camera_tests_busy: fault(503, 'Đang thử nhiều camera cùng lúc', 'Chờ vài giây rồi thử lại.', 'Several cameras are being tried at once', 'Wait some seconds, then try again.'),
  disk_in_use: fault(409, 'Ổ ghi hình đang dùng được, hoặc không ghi được', 'Chỉ nhận ổ mới khi ổ cũ không còn gắn; xem trạng thái ổ của nút ở trang Quản trị.', 'The recording disk is in use, or takes no writing', 'A new disk is accepted where the old one is away; see the state of the disk in the administration.'),
  disk_not_there: fault(409, 'Không có ổ nào ở thư mục ghi hình', 'Gắn ổ mới vào thư mục recordings của nút rồi thử lại.', 'There is no disk where recordings go', 'Mount the new disk at the recordings folder of the node, then try again.'),
  disk_not_empty: fault(409, 'Ổ này không trống', 'Chỉ nhận ổ trống, để không ghi đè dữ liệu của ai. Xoá sạch ổ hoặc gắn ổ khác.', 'This disk is not empty', 'Only an empty disk is accepted, so that nobody\'s data is written over. Empty it, or mount another one.'),
  camera_not_real: fault(409, 'Camera này được mô phỏng, không có gì để thử', 'Chọn một camera thật.', 'This camera is simulated: there is nothing to try', 'Choose a real camera.'),
  purpose_required: fault(403, 'Cần nêu mục đích trước khi xem bản ghi', 'Gửi mục đích đến POST /api/v1/recordings/purpose, rồi mở lại.', 'A purpose is needed before looking at recordings', 'Send it to POST /api/v1/recordings/purpose, then open again.'),
  hold_second_person: fault(409, 'Cần người thứ hai xác nhận bỏ lệnh giữ', 'Đề nghị một người khác có quyền mở lệnh giữ này và xác nhận.', 'A second person must confirm that the hold is lifted', 'Ask somebody else with the right to open this hold and confirm.'),
  hold_two_people: fault(409, 'Chưa đủ chứng tỏ đây là hai người khác nhau', 'Cần tài khoản của chính một người khác: có xác thực bước hai riêng, không phải tài khoản khẩn cấp, và không do người kia tạo, mời hay đặt lại trong 30 ngày.', 'It is not shown well enough that these are two people', 'It takes an account of another person\'s own: with a second factor, no emergency account, and not made, invited or reset by the other within 30 days.'),
  hold_state: fault(409, 'Lệnh giữ không ở trạng thái cho phép việc này', 'Tải lại danh sách lệnh giữ.', 'The hold is not in a state that allows this', 'Reload the list of holds.'),
  camera_held: fault(409, 'Bản ghi của camera này đang được giữ', 'Tắt camera thay vì xoá: xoá rồi thì không ai xem được bản ghi đang giữ. Xoá được khi hai người đã bỏ các lệnh giữ.', 'Recordings of this camera are held', 'Switch the camera off instead: once it is deleted nobody can see what is held. It can be deleted when two people have lifted its holds.'),
  hold_limit: fault(409, 'Đã có quá nhiều lệnh giữ', 'Bỏ những lệnh giữ không còn cần, hoặc gộp các khoảng liền nhau.', 'There are too many holds', 'Lift those that are not needed any more, or make one of ranges that touch.'),
  clip_too_long: fault(400, 'Đoạn trích quá dài hoặc quá nhiều camera', 'Chia thành nhiều đoạn; giới hạn nêu trong phần chi tiết.', 'The clip is too long or has too many cameras', 'Ask for several; the limits are in the detail.'),
  shift_closed: fault(409, 'Ca trực này đã kết thúc', 'Vào ca đang mở rồi thực hiện lại.', 'This shift has ended', 'Go into the shift that is open and try again.'),
  shift_handed_over: fault(409, 'Ca trực này đã bàn giao và chờ ký nhận', 'Đọc bản bàn giao rồi ký nhận để bắt đầu ca mới.', 'This shift was handed over and waits for its signature', 'Read the handover and sign it to begin the next shift.'),
  not_in_shift: fault(409, 'Bạn chưa vào ca trực này', 'Vào ca rồi thực hiện lại.', 'You are not in this shift', 'Go into the shift and try again.'),
  no_handover: fault(409, 'Ca trực này chưa có bản bàn giao', 'Đề nghị người trực viết bàn giao, hoặc tiếp quản ca và nêu lý do.', 'This shift has no handover yet', 'Ask those on duty to write it, or take the shift over with a reason.'),
  own_handover: fault(409, 'Người viết bàn giao không tự ký nhận', 'Người vào ca sau ký nhận bằng tài khoản của mình.', 'Who wrote the handover cannot sign it', 'Whoever comes next signs with an account of their own.'),
  about_unknown: fault(404, 'Không tìm thấy điều mà dòng này nói đến', 'Kiểm tra mã hồ sơ, camera hoặc cảnh báo; phải thuộc đơn vị của ca trực. Không có mã thì để trống.', 'What the line is about was not found', 'Check the code of the dossier, camera or alert; it must belong to the unit of the shift. Leave it empty where there is none.'),
  snapshot_limit: fault(409, 'Không lưu được ảnh này vào sổ trực', 'Ảnh quá lớn hoặc ca trực đã đủ số ảnh cho phép (shiftLog trong centre.yaml); hãy ghi lại thời điểm và xem bản ghi.', 'This picture cannot go into the shift log', 'It is too large, or the shift has as many as allowed (shiftLog in centre.yaml); note the moment and look at the recording.'),
  snapshot_gone: fault(410, 'Ảnh đã hết thời hạn lưu', 'Người chụp, thời điểm, mục đích và mã băm vẫn còn trong sổ trực.', 'The picture was kept for its time', 'Who took it, when, why and its hash are still in the shift log.'),
  clip_limit: fault(429, 'Đang có quá nhiều đoạn trích chờ làm', 'Chờ các đoạn trích trước xong rồi gửi lại.', 'Too many clips are waiting to be made', 'Wait until those before are done, then send again.'),
  clip_no_room: fault(409, 'Không đủ chỗ trên ổ đĩa để tạo đoạn trích', 'Chọn đoạn ngắn hơn, hoặc đề nghị quản trị viên giải phóng chỗ trong DATA_DIR.', 'There is not enough room on the disk for the clip', 'Choose a shorter one, or ask the administrator to make room in DATA_DIR.'),
  clip_not_ready: fault(409, 'Đoạn trích chưa sẵn sàng để tải', 'Xem trạng thái ở GET /clips/:id; nếu đã hết hạn hoặc không làm được, hãy tạo lại.', 'The clip is not ready for download', 'See its state at GET /clips/:id; if it expired or failed, ask for it anew.'),
  mask_right_required: fault(403, 'Hình của camera này được che một phần', 'Xem hình đã che; muốn xem không che cần quyền «gỡ che» và mục đích, do quản trị viên cấp.', 'Part of this camera\'s picture is masked', 'Look at it with its masks; to lift them takes the role «unmask» and a purpose, from an administrator.'),
  mask_pending: fault(503, 'Vùng che chưa có hiệu lực ở nút hình ảnh', 'Thử lại sau vài giây; nếu vẫn vậy, nút hình ảnh chưa được nâng cấp.', 'The masks are not yet in force at the media node', 'Try again in some seconds; if it stays so, the media node runs an earlier version.'),
  clip_second_person: fault(409, 'Cần người thứ hai duyệt đoạn trích không che', 'Đề nghị một người khác có quyền «gỡ che» mở danh sách đoạn trích và duyệt.', 'A second person must release the clip without masks', 'Ask somebody else with the role «unmask» to open the list of clips and release it.'),
  clip_release_state: fault(409, 'Đoạn trích này không chờ duyệt', 'Tải lại danh sách đoạn trích.', 'The clip does not wait to be released', 'Reload the list of clips.'),
  no_recording: fault(404, 'Không có bản ghi ở thời điểm này', 'Xem lý do của khoảng trống trên dòng thời gian.', 'There is no recording at this time', 'See the reason of the gap on the timeline.'),
} as const satisfies Record<string, FaultEntry>;

export type FaultCode = keyof typeof FAULTS;

/** An expected failure with a code; becomes a problem document at the edge. `data.errors` may list fields. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly data: Record<string, unknown>;
  constructor(code: FaultCode, detail: string | null = null, data: Record<string, unknown> = {}, cause: unknown = undefined) {
    super(detail ?? FAULTS[code].en.title, cause === undefined ? undefined : { cause });
    this.code = code;
    this.data = data;
  }
  get status(): number { return FAULTS[this.code].status; }
}

/** The RFC 9457 document of a fault, in one language, with both languages beside. */
export function problemOf(code: FaultCode, detail: string | null, language: 'vi' | 'en', requestId: string, instance: string, data: Record<string, unknown> = {}) {
  const entry = FAULTS[code];
  return {
    type: `/api/docs#${code}`, title: entry[language].title, status: entry.status, detail: detail ?? entry[language].title,
    instance, code, cause: entry[language].title, next: entry[language].next, requestId,
    messages: { vi: { cause: entry.vi.title, next: entry.vi.next }, en: { cause: entry.en.title, next: entry.en.next } },
    ...data,
  };
}
