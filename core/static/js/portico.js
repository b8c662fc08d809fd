// Entry: everything here makes real links and forms quicker or kinder; none of it is needed for them to work.
import "./frame.js";
import "./dialogs.js";
import "./forms.js";
import "./password.js";
import "./combobox.js";
import "./upload.js";
import "./lists.js";
