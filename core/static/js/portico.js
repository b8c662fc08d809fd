// Entry: everything here makes real links and forms quicker or kinder; none of it is needed for them to work.
// Order matters: a confirmation comes before sending, an upload takes a form over before it is locked.
import "./frame.js";
import "./dialogs.js";
import "./upload.js";
import "./forms.js";
import "./password.js";
import "./combobox.js";
import "./lists.js";
